-- Groups: each member has a number of its own, as a segment has. A move ends the stay in one and begins the stay in the next.
ALTER TABLE {{database}}.changes {{onCluster}}
    ADD COLUMN IF NOT EXISTS group_key String COMMENT 'Key of the group, for a member of one',
    ADD COLUMN IF NOT EXISTS number_from UInt16 COMMENT 'Number of the group member left, for moved; 0 where there was none';

ALTER TABLE {{database}}.segments {{onCluster}}
    ADD COLUMN IF NOT EXISTS group_key String COMMENT 'Key of the group, for a member of one',
    ADD COLUMN IF NOT EXISTS group_name String COMMENT 'Name of the group',
    ADD COLUMN IF NOT EXISTS priority UInt16 COMMENT 'Place in the order of the group, from 1; 0 outside of groups',
    ADD COLUMN IF NOT EXISTS is_default Bool COMMENT 'Whether it is the member of those whom no other takes';
