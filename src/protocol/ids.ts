import { customAlphabet } from 'nanoid'

/**
 * A new id that people type: 20 letters and digits, 119 bits. Never a `-` or `_`: an id that begins with one is a flag to
 * the command line, and a double click selects only half of it.
 */
export const newId = customAlphabet('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz', 20)
