import { lstatSync, readlinkSync } from 'node:fs'

/** Programs and what they need, the same for everybody on the machine. */
const SYSTEM = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/nix/store']

/** Of /etc what programs ask about the machine; the rest may hold what is not for steps. */
const ETC = [
  'alternatives',
  'bash.bashrc',
  'ca-certificates',
  'ca-certificates.conf',
  'crypto-policies',
  'debian_version',
  'fonts',
  'gai.conf',
  'gitconfig',
  'group',
  'host.conf',
  'hostname',
  'hosts',
  'java',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'locale.alias',
  'locale.conf',
  'localtime',
  'login.defs',
  'lsb-release',
  'magic',
  'mime.types',
  'nsswitch.conf',
  'os-release',
  'passwd',
  'pki',
  'profile',
  'profile.d',
  'protocols',
  'resolv.conf',
  'rpc',
  'services',
  'shells',
  'ssl',
  'terminfo',
  'timezone',
  'zsh',
].map((name) => `/etc/${name}`)

/** What every sandbox shows of the system, read-only. */
export const SYSTEM_PATHS: readonly string[] = [...SYSTEM, ...ETC]

/** The same, for `bwrap`. */
export function systemArguments(): string[] {
  const system = SYSTEM.flatMap((path) => {
    const target = linkOf(path)
    return target === undefined ? ['--ro-bind-try', path, path] : ['--symlink', target, path]
  })
  return [...system, ...ETC.flatMap((path) => ['--ro-bind-try', path, path])]
}

/** Where /bin and its like are links into /usr. */
function linkOf(path: string): string | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined
  } catch {
    return undefined
  }
}
