/** One line of numbers. */
export interface Sample {
  name: string
  labels: Readonly<Record<string, string>>
  value: number
}

export interface Family {
  name: string
  help: string
  type: string
  samples: Sample[]
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const HELP = new RegExp(`^# HELP (${NAME}) (.+)$`)
const TYPE = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram)$`)
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (-?[0-9.]+(?:e[+-]?[0-9]+)?|[+-]Inf|NaN)$`)
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/

/** Reads the text format of Prometheus as strictly as it is written down; throws at the first line that breaks it. */
export function readExposition(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  const families = new Map<string, Family>()
  let family: Family | undefined
  let help: RegExpExecArray | undefined
  for (const line of text.slice(0, -1).split('\n')) {
    if (line === '') continue
    const found = HELP.exec(line)
    if (found !== null) {
      help = found
      continue
    }
    const typed = TYPE.exec(line)
    if (typed !== null) {
      family = begun(typed, help)
      if (families.has(family.name)) throw new Error(`${family.name} comes twice`)
      families.set(family.name, family)
      continue
    }
    if (family === undefined) throw new Error(`a number before its type: ${line}`)
    family.samples.push(sampleOf(line))
  }
  for (const one of families.values()) check(one)
  return families
}

function begun([, name = '', type = '']: RegExpExecArray, help: RegExpExecArray | undefined): Family {
  if (help?.[1] !== name) throw new Error(`${name} is not explained`)
  return { name, type, help: help[2] ?? '', samples: [] }
}

function sampleOf(line: string): Sample {
  const [, name = '', inner = '', value = ''] = SAMPLE.exec(line) ?? []
  if (name === '') throw new Error(`no line of the format: ${line}`)
  return { name, labels: labelsOf(inner, line), value: Number(value.replace('Inf', 'Infinity')) }
}

function labelsOf(inner: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {}
  for (let rest = inner; rest !== ''; ) {
    const [whole = '', key = '', value = ''] = LABEL.exec(rest) ?? []
    if (whole === '' || key in labels) throw new Error(`labels that cannot be read: ${line}`)
    labels[key] = value
    rest = rest.slice(whole.length)
  }
  return labels
}

function check({ name, type, samples }: Family): void {
  const seen = samples.map((sample) => JSON.stringify([sample.name, sample.labels]))
  if (new Set(seen).size !== seen.length) throw new Error(`${name} says something twice`)
  const suffixes = type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']
  const strange = samples.find((sample) => !suffixes.some((suffix) => sample.name === name + suffix))
  if (strange !== undefined) throw new Error(`${strange.name} is no part of ${name}`)
  if (type === 'counter' && samples.some(({ value }) => !(value >= 0))) throw new Error(`${name} has fallen`)
  if (type === 'histogram') checkBuckets(name, samples)
}

/** Buckets hold what is in the ones below, and the last holds all. */
function checkBuckets(name: string, samples: readonly Sample[]): void {
  const series = new Map<string, { last: number; inf: number | undefined; count: number | undefined }>()
  for (const sample of samples) {
    const { le, ...labels } = sample.labels
    const key = JSON.stringify(labels)
    const one = series.get(key) ?? { last: 0, inf: undefined, count: undefined }
    series.set(key, one)
    if (sample.name === `${name}_bucket`) {
      if (sample.value < one.last) throw new Error(`${name}: a bucket holds less than the one below`)
      one.last = sample.value
      if (le === '+Inf') one.inf = sample.value
    } else if (sample.name === `${name}_count`) one.count = sample.value
  }
  for (const { inf, count } of series.values()) {
    if (inf === undefined || inf !== count) throw new Error(`${name}: the last bucket does not hold all`)
  }
}
