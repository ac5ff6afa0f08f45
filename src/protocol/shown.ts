/** The plain-JSON twin of a view: dates become integer milliseconds, as scripts rely on. */
export type Plain<T> = T extends Date
  ? number
  : T extends readonly (infer Item)[]
    ? Plain<Item>[]
    : T extends object
      ? { [K in keyof T]: Plain<T[K]> }
      : T

/** A view with milliseconds for its dates; the view itself stays as it is. */
export function toPlain<T>(value: T): Plain<T> {
  if (value instanceof Date) return value.getTime() as Plain<T>
  if (Array.isArray(value)) return value.map(toPlain) as Plain<T>
  if (typeof value !== 'object' || value === null) return value as Plain<T>
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toPlain(item)])) as Plain<T>
}

/** A view as scripts have it, by whichever door: plain, and without `version`, which only a subscriber needs. */
export type Shown<V> = Plain<Omit<V, 'version'>>

export function toShown<V extends { version: number }>({ version: _, ...view }: V): Shown<V> {
  return toPlain(view)
}
