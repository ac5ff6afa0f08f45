import { usage } from './errors.ts'

/** What commander or the environment gives for a flag. */
export type Raw = string | boolean | readonly string[]

/** What a shell offers for a value: words, a path, or what the server knows. */
export type Completes =
  | readonly string[]
  | 'file'
  | 'folder'
  | 'workflow'
  | 'live workflow'
  | 'step'
  | 'agent'
  | 'credential'

/** One flag of a command: how it is written, and what it means. */
export interface Flag<T> {
  /** As commander has it: `-f, --follow`, `--url <url>`. */
  readonly flags: string
  readonly about: string
  /** May be given several times. */
  readonly many: boolean
  /** Its environment twin; default `DRUMLINE_COMMAND_FLAG`. */
  readonly twin: string | undefined
  readonly fallback: T
  /** Shown as its default in the help. */
  readonly shown: string | undefined
  readonly completes: Completes | undefined
  /** In the help it stands under this heading; default `Options:`. */
  readonly heading: string | undefined
  /** Throws a usage error that names the flag. */
  read(raw: Raw, name: string): T
}

export type Flags = Readonly<Record<string, Flag<unknown>>>
export type Values<F extends Flags> = { readonly [K in keyof F]: F[K] extends Flag<infer T> ? T : never }

interface Extra {
  twin?: string
  shown?: string
  completes?: Completes
  heading?: string
}

function flag<T>(flags: string, about: string, fallback: T, read: Flag<T>['read'], extra: Extra = {}): Flag<T> {
  const { twin, shown, completes, heading } = extra
  return { flags, about, fallback, read, many: false, twin, shown, completes, heading }
}

/** A flag with a text. */
export function text(flags: string, about: string, extra?: Extra): Flag<string | undefined> {
  return flag<string | undefined>(flags, about, undefined, (raw) => String(raw), extra)
}

/** A text with a default. */
export function textOr(flags: string, about: string, fallback: string, extra?: Extra): Flag<string> {
  return flag<string>(flags, about, fallback, (raw) => String(raw), { shown: fallback, ...extra })
}

/** On or off; its twin says `1`, `true`, `0` or `false`. */
export function toggle(flags: string, about: string, extra?: Extra): Flag<boolean> {
  const read = (raw: Raw, name: string) => {
    if (raw === true || raw === '1' || raw === 'true') return true
    if (raw === false || raw === '0' || raw === 'false') return false
    throw usage(`${name} must be 1, true, 0 or false`)
  }
  return flag(flags, about, false, read, extra)
}

export function integer<F extends number | undefined>(
  flags: string,
  about: string,
  bounds: { least: number; most: number; fallback: F },
  extra?: Extra,
): Flag<number | F> {
  const read = (raw: Raw, name: string) => {
    const value = Number(raw)
    if (/^\d+$/.test(String(raw)) && value >= bounds.least && value <= bounds.most) return value
    throw usage(`${name} must be a whole number from ${bounds.least} to ${bounds.most}`)
  }
  const { fallback } = bounds
  return flag<number | F>(
    flags,
    about,
    fallback,
    read,
    fallback === undefined ? extra : { shown: String(fallback), ...extra },
  )
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds, written `90s`, `10m`, `2h` or `30d`. */
export function duration(flags: string, about: string, extra?: Extra): Flag<number | undefined> {
  const read = (raw: Raw, name: string) => {
    const [, digits = '', unit = ''] = /^(\d{1,9})([smhd])$/.exec(String(raw)) ?? []
    if (digits === '') throw usage(`${name} must be a duration such as 90s, 10m, 2h or 7d`)
    return Number(digits) * (UNITS[unit] ?? 0)
  }
  return flag<number | undefined>(flags, about, undefined, read, extra)
}

/** A duration, or a word for one without end: then Infinity. */
export function durationOr(word: string, flags: string, about: string, extra?: Extra): Flag<number | undefined> {
  const flag = duration(flags, about, extra)
  return { ...flag, read: (raw, name) => (raw === word ? Number.POSITIVE_INFINITY : flag.read(raw, name)) }
}

/** May be given several times, or once as a comma list. */
export function list(flags: string, about: string, extra?: Extra): Flag<readonly string[]> {
  return { ...flag<readonly string[]>(flags, about, [], (raw) => itemsOf(raw), extra), many: true }
}

/** Texts without commas, several times or as a comma list. */
export function texts(flags: string, about: string, extra?: Extra): Flag<readonly string[]> {
  return { ...flag<readonly string[]>(flags, about, [], commaItemsOf, extra), many: true }
}

/** One of a few words, several times or as a comma list. */
export function words<const W extends string>(
  flags: string,
  about: string,
  all: readonly W[],
  extra?: Extra,
): Flag<readonly W[]> {
  const read = (raw: Raw, name: string) => commaItemsOf(raw).map((item) => wordOf(item, name, all))
  return { ...flag<readonly W[]>(flags, about, [], read, { completes: all, ...extra }), many: true }
}

/** One of a few words. */
export function word<const W extends string>(
  flags: string,
  about: string,
  all: readonly W[],
  extra?: Extra,
): Flag<W | undefined> {
  const read = (raw: Raw, name: string) => wordOf(String(raw), name, all)
  return flag<W | undefined>(flags, about, undefined, read, { completes: all, ...extra })
}

/** `key=value`, several times. */
export function pairs(flags: string, about: string, extra?: Extra): Flag<Readonly<Record<string, string>>> {
  const read = (raw: Raw, name: string) => {
    const entries = itemsOf(raw).map((item) => {
      const at = item.indexOf('=')
      if (at < 1) throw usage(`${name} must be written key=value, not ${JSON.stringify(item)}`)
      return [item.slice(0, at), item.slice(at + 1)] as const
    })
    return Object.fromEntries(entries)
  }
  return { ...flag<Readonly<Record<string, string>>>(flags, about, {}, read, extra), many: true }
}

function wordOf<W extends string>(text: string, name: string, all: readonly W[]): W {
  const word = all.find((candidate) => candidate === text)
  if (word === undefined) throw usage(`${name} must be one of ${all.join(', ')}, not ${JSON.stringify(text)}`)
  return word
}

function commaItemsOf(raw: Raw): readonly string[] {
  return itemsOf(raw).flatMap((item) => item.split(','))
}

function itemsOf(raw: Raw): readonly string[] {
  return typeof raw === 'object' ? raw : [String(raw)]
}
