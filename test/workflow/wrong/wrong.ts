/** What is wrong, the file, and every problem as `line:column sentence`. */
export type Wrong = [what: string, text: string, ...problems: string[]]

export const STEPS = 'steps:\n  - name: a\n    commands: [true]\n'
/** Ends where more keys of the step may follow. */
export const STEP = 'steps:\n  - name: a\n    commands: x\n'
