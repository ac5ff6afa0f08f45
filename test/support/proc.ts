import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** What Linux tells of its processes. */

export interface Process {
  pid: number
  group: number
  command: string
}

/** Processes that live in a folder: by their working directory, their arguments or their environment. */
export function processesIn(folder: string): Process[] {
  return pids().flatMap((pid) => {
    const words = [read(pid, 'cmdline'), read(pid, 'environ'), workingDirectory(pid)]
    if (pid === process.pid || isZombie(pid) || !words.some((text) => text.includes(folder))) return []
    return [{ pid, group: groupOf(pid), command: (words[0] ?? '').replaceAll('\0', ' ').trim() }]
  })
}

/** The guardians of an agent, by its process id, which they are given to be known by. */
export function guardiansOf(agent: number): number[] {
  return pids().filter((pid) => read(pid, 'cmdline').endsWith(`/guardian/main.js\0${agent}\0`) && !isZombie(pid))
}

/** Living processes that are called so. */
export function commandsNamed(name: string): number[] {
  return pids().filter((pid) => read(pid, 'cmdline').split('\0')[0] === name && !isZombie(pid))
}

/** SIGKILL, whether it still lives or not. */
export function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has just ended by itself.
  }
}

/** Living members of a process group. */
export function groupMembers(group: number): number[] {
  return pids().filter((pid) => groupOf(pid) === group && !isZombie(pid))
}

/** The process group, or 0 if there is no such process. */
export function groupOf(pid: number): number {
  return Number(stat(pid)[2] ?? 0)
}

/** Resident memory in bytes. */
export function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(read(pid, 'status'))?.[1] ?? Number.NaN) * 1024
}

function pids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

function isZombie(pid: number): boolean {
  return ['Z', 'X', undefined].includes(stat(pid)[0])
}

/** Fields behind the command's name, which may itself hold spaces and brackets: state, parent, group … */
function stat(pid: number): string[] {
  const text = read(pid, 'stat')
  return text === '' ? [] : text.slice(text.lastIndexOf(')') + 2).split(' ')
}

function workingDirectory(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return ''
  }
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return '' // It has just ended.
  }
}
