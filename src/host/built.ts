/** Whether this runs from the built package; run from source it is the tests that do it. */
export function isBuilt(module: string): boolean {
  return new URL(module).pathname.endsWith('.js')
}

/** A built file beside a module: threads and processes cannot load TypeScript on every Node that is supported, nor can browsers. */
export function builtBeside(module: string, name: string): URL {
  return new URL(name, new URL(module).href.replace(/\/src\/(server|agent)\/(.*)\.ts$/, '/dist/$1/$2.js'))
}
