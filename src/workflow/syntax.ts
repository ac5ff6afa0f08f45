import type { YAMLError } from 'yaml'

type Rule = readonly [message: RegExp, sentence: string]

const ANY = /(?:)/
const BRACKET = 'a bracket that opens above is not closed before here; put its `]` or `}`'

/** What to say for each error of the YAML library: by its code, then by what its own message says. */
const SENTENCES: Readonly<Record<string, readonly Rule[]>> = {
  ALIAS_PROPS: [[ANY, 'an alias takes no anchor and no tag of its own; remove it']],
  BAD_ALIAS: [
    [ANY, 'anchors and aliases need a name, such as `&base` and `*base`; put quotes around text that begins so'],
  ],
  BAD_DIRECTIVE: [[ANY, 'a line that begins with `%` speaks to YAML itself, and this one is not known; remove it']],
  BAD_DQ_ESCAPE: [
    [ANY, 'this backslash begins nothing that YAML knows; write two, or put single quotes around the text'],
  ],
  BAD_INDENT: [
    [/end with/, BRACKET],
    [ANY, 'the indentation fits nothing above; line it up with its neighbours'],
  ],
  BAD_SCALAR_START: [[ANY, 'a value cannot begin with this character; put quotes around it']],
  BLOCK_AS_IMPLICIT_KEY: [[ANY, 'two `:` stand on one line; put quotes around the text that holds one']],
  BLOCK_IN_FLOW: [[ANY, 'within brackets a `,` stands between entries; is one missing, or a `]` or `}` above?']],
  KEY_OVER_1024_CHARS: [[ANY, 'a key may have 1024 characters; is a `:` or a quote at the wrong place?']],
  MISSING_CHAR: [
    [/closing/, 'this quote is not closed; put one where its text ends'],
    [/without -/, 'this line is indented less than the item above and more than its `-`; line it up with one of them'],
    [/end with/, BRACKET],
    [/Missing ,/, 'a `,` is missing before this, between two entries in brackets'],
    [/followed by map values/, 'a `:` and a space are missing behind this key'],
    [/Comments/, 'a comment needs a space before its `#`; put quotes around text that holds one'],
  ],
  MULTILINE_IMPLICIT_KEY: [
    [ANY, 'a key must stand on one line; is a `:` with a space behind it, or a quote, missing?'],
  ],
  TAB_AS_INDENT: [[ANY, 'a tab is used for indentation; YAML wants spaces']],
  UNEXPECTED_TOKEN: [
    [/Block scalar header/, 'the text of a `|` or `>` begins on the next line; put quotes around text that begins so'],
    [ANY, 'this is not expected here; is a quote, a bracket or a `-` wrong?'],
  ],
}

const BELOW = 'the line below is indented more than this key; line it up with it'

/** What is wrong with the YAML, in words of somebody who writes workflow files. `rest` is the text from there on. */
export function sentenceOf({ code, message }: YAMLError, rest: string): string {
  // One line cannot nest by accident what the next line does.
  if (code === 'BLOCK_AS_IMPLICIT_KEY' && !/^[^\n]*:(?:\s|$)/m.test(firstLine(rest))) return BELOW
  const rule = SENTENCES[code]?.find(([pattern]) => pattern.test(message))
  return rule?.[1] ?? `YAML cannot be read here: ${message.charAt(0).toLowerCase()}${message.slice(1)}`
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? ''
}
