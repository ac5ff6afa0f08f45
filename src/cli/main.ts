import { leave, processWorld } from './process.ts'
import { runProgram } from './program.ts'

const world = processWorld()
await leave(world, await runProgram(world))
