import { MESSAGE } from '../../src/protocol/index.ts'

/** What a peer can send against a decoder, and against superjson above all. Each is to be refused. */

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
const values = (entries: string, json = '{"a":"x"}') => `{"json":${json},"meta":{"v":1,"values":${entries}}}`

/** Values of superjson. */
export const RICH: [name: string, text: string][] = [
  ['an expression', values('{"a":["regexp"]}', '{"a":"/(a+)+$/"}')],
  ['an expression at the root', '{"json":"/(a+)+$/","meta":{"v":1,"values":["regexp"]}}'],
  ['a typed array of 5e8', values('{"a":[["typed-array","Uint8Array"]]}', '{"a":500000000}')],
  ['a class', values('{"a":[["class","Object"]]}', '{"a":{}}')],
  ['a symbol', values('{"a":[["symbol","x"]]}')],
  ['a set', values('{"a":["set"]}', '{"a":[1,2]}')],
  ['a map', values('{"a":["map"]}', '{"a":[[1,2]]}')],
  ['nested sets, quadratic', values(`{${Array.from({ length: 3000 }, (_, at) => `"a.${at}":["set"]`)}}`, '{"a":[]}')],
  ['an error', values('{"a":["Error"]}', '{"a":{"message":"x"}}')],
  ['a URL', values('{"a":["URL"]}', '{"a":"http://x"}')],
  ['a number that is none', values('{"a":["number"]}', '{"a":"NaN"}')],
  ['a bigint of 1e5 digits', values('{"a":["bigint"]}', `{"a":"${'9'.repeat(100_000)}"}`)],
  ['a bigint of 21 digits', values('{"a":["bigint"]}', `{"a":"${'9'.repeat(21)}"}`)],
  ['a bigint that is no number', values('{"a":["bigint"]}')],
  ['a date that is none', values('{"a":["Date"]}')],
  ['a date that is a number', values('{"a":["Date"]}', '{"a":1}')],
  ['an undefined that hides a value', values('{"a":["undefined"]}')],
  ['an index far beyond the array', values('{"a.4294967290":["undefined"]}', '{"a":[]}')],
  ['the length of an array', values('{"a.length":["bigint"]}', '{"a":["1"]}')],
  ['a path that leads nowhere', values('{"b":["Date"]}')],
  ['a path through a prototype', values('{"a.toString":["Date"]}', '{"a":{}}')],
  ['a path over __proto__', values('{"a.__proto__.x":["undefined"]}', '{"a":{}}')],
  ['a path over constructor.prototype', values('{"a.constructor.prototype.x":["undefined"]}', '{"a":{}}')],
  ['a path through a string', values('{"a.0":["Date"]}')],
  ['an inherited name as the type', values('{"a":["constructor"]}')],
  ['another inherited name as the type', values('{"a":["toString"]}')],
  ['a type that is no list', values('{"a":"Date"}', '{"a":"2020-01-01T00:00:00.000Z"}')],
  ['a type with children', values('{"a":["Date",{"b":["Date"]}]}', '{"a":"2020-01-01T00:00:00.000Z"}')],
  ['a broken path', values('{"a\\\\b":["Date"]}')],
  ['shared references', '{"json":{"a":{},"b":null},"meta":{"v":1,"referentialEqualities":{"a":["b"]}}}'],
  ['an alias bomb', `{"json":[[[[[[]]]]]],"meta":{"v":1,"values":{},"referentialEqualities":{"0":["0.0","0.0.0"]}}}`],
  ['meta without version', '{"json":{"a":"x"},"meta":{"values":{}}}'],
  ['meta of the legacy version', '{"json":{"a":"x"},"meta":{"v":0,"values":{}}}'],
  ['meta that is a list', '{"json":{},"meta":[]}'],
  ['meta that is null', '{"json":{},"meta":null}'],
  ['values that are null', '{"json":{},"meta":{"v":1,"values":null}}'],
  ['a key beside json and meta', '{"json":{},"more":1}'],
  ['a key beside values and v', '{"json":{},"meta":{"v":1,"values":{},"more":1}}'],
  ['no json', '{"meta":{"v":1,"values":{}}}'],
  ['a list', '[]'],
  ['null', 'null'],
  [
    'more entries than a page has',
    values(
      `{${Array.from({ length: MESSAGE.metaEntries + 1 }, (_, at) => `"${at}":["undefined"]`)}}`,
      `[${Array(MESSAGE.metaEntries + 1).fill('null')}]`,
    ),
  ],
]

const inEvent = (data: string) => `{"type":"event","subscription":"s","offset":1,"data":${data}}`
const inRequest = (params: string) => `{"type":"request","id":1,"method":"submit","params":${params}}`

/** Messages, of which an event comes from a server and the others from a client. */
export const MESSAGES: [name: string, text: string][] = [
  ...RICH.map(([name, text]): [string, string] => [`an event with ${name}`, inEvent(text)]),
  ['own __proto__', inRequest('{"__proto__":{"isAdmin":true}}')],
  ['own __proto__, escaped', inRequest('{"\\u005f_proto__":{"isAdmin":true}}')],
  ['own __proto__, all escaped', inRequest('{"\\u005f\\u005f\\u0070roto\\u005f\\u005f":{"isAdmin":true}}')],
  ['own constructor', inRequest('{"constructor":{"prototype":{"isAdmin":true}}}')],
  ['own prototype', inRequest('{"prototype":{"isAdmin":true}}')],
  ['own __proto__ deep in a list', inRequest('[[{"a":[{"__proto__":1}]}]]')],
  ['__proto__ as a key of the frame', '{"type":"request","id":1,"method":"get","params":{},"__proto__":{"id":7}}'],
  [
    '__proto__ as a key of a log',
    '{"type":"log","lease":"l","stepId":"s","from":1,"text":"a\\n","runs":[[1,0,"out"]],"__proto__":{}}',
  ],
  [
    '__proto__ in a run of a log',
    '{"type":"log","lease":"l","stepId":"s","from":1,"text":"a\\n","runs":[{"__proto__":[1,0,"out"]}]}',
  ],
  ['type by way of __proto__', '{"__proto__":{"type":"ping"}}'],
  ['a type named constructor', '{"type":"constructor"}'],
  ['a type named __proto__', '{"type":"__proto__"}'],
  ['a type named toString', '{"type":"toString"}'],
  ['a type that is a list', '{"type":["ping"]}'],
  ['nesting of 1e5', inRequest(nested(100_000))],
  ['nesting of 1e5 at the top', nested(100_000)],
  ['nesting of 1e5 objects', inRequest(`${'{"a":'.repeat(40_000)}1${'}'.repeat(40_000)}`)],
  ['50,000 values', inRequest(`[${Array(50_000).fill(0)}]`)],
  ['20,000 unknown keys', inRequest(`{${Array.from({ length: 20_000 }, (_, at) => `"k${at}":1`)}}`)],
  ['20,000 unknown keys of the frame', `{"type":"ping",${Array.from({ length: 9_000 }, (_, at) => `"k${at}":1`)}}`],
  ['a batch of 100,000', `[${Array(100_000).fill(1)}]`],
]
