// Bundles what is run: a program of hundreds of small modules takes longer to load than to do its work.
//   node scripts/programs.mjs FOLDER: those of another copy, from its src to its dist
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

/** Paths in src without their ending, and in dist. The workers and the guardian share their folders with modules of the library. */
const PROGRAMS = [
  { path: 'cli/main', hasFolder: true },
  { path: 'agent/guardian/main' },
  { path: 'server/http/parse/worker' },
  { path: 'server/store/sqlite/worker' },
]

/** Native, loading files of its own by their paths, or (what `ws` asks for) not there at all. */
const LEFT_OUT = ['libsql', 'pino', 'bufferutil', 'utf-8-validate']

/** Rejects if one cannot be bundled. */
export async function buildPrograms(root, dist) {
  for (const { path, hasFolder = false } of PROGRAMS) {
    const outDir = dirname(join(dist, path))
    await build({
      root,
      configFile: false,
      logLevel: 'warn',
      plugins: [keepPlaces(join(root, 'src'), dist, outDir)],
      ssr: { noExternal: true, external: LEFT_OUT },
      build: {
        ssr: true,
        outDir,
        emptyOutDir: hasFolder,
        target: 'es2023',
        license: hasFolder && { fileName: 'licenses.md' },
        rolldownOptions: {
          input: join(root, 'src', `${path}.ts`),
          output: {
            // As it was written, each part under its source's name: what a stack trace points at can be read without a map.
            minify: false,
            comments: { legal: true, jsdoc: false, annotation: false },
            // In one folder, for the sake of `keepPlaces`. What `import()` names stays apart: a command loads what it needs.
            entryFileNames: '[name].js',
            chunkFileNames: '[name].js',
            codeSplitting: hasFolder,
          },
        },
      },
    })
  }
}

/** Modules find files by where they are themselves: in the bundle, each still says where it would be by itself. */
function keepPlaces(src, dist, outDir) {
  return {
    name: 'keep-places',
    transform: {
      filter: { code: 'import.meta.url' },
      handler(code, id) {
        if (!id.startsWith(src + sep)) return
        const own = join(dist, relative(src, id)).replace(/\.ts$/, '.js')
        const path = JSON.stringify(`./${relative(outDir, own).replaceAll(sep, '/')}`)
        return { code: code.replaceAll('import.meta.url', `new URL(${path}, import.meta.url).href`), map: null }
      },
    },
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = resolve(process.argv[2])
  await buildPrograms(root, join(root, 'dist'))
}
