/**
 * The variable by which those are known who hold a sandbox up, outside and at its bottom: its value is the workspace. They
 * must not be asked to end, since they would at once and with them what has its grace; killing them ends all.
 */
export const SANDBOX_MARK = 'DRUMLINE_SANDBOX_OF'
