import { userInfo } from 'node:os';

/** A name for people; an account without one has its number. */
export function whoAmI(): string {
  try {
    return userInfo().username;
  } catch (error) {
    // Containers run accounts that no list of users has.
    if ((error as NodeJS.ErrnoException).code === 'ERR_SYSTEM_ERROR') return `user ${process.getuid?.() ?? '?'}`;
    throw error;
  }
}
