import { signal } from '@preact/signals'

/** How logs are shown, from one to the next while the page is open. */
export const wraps = signal(false)
export const showsTimes = signal(false)
