import type { Schemas } from '@/api/client'

/** What is typed beside "Save and run". */
export interface RunOptions {
  gpus: string
  workers: string
  priority: string
  engine: '' | 'process' | 'container'
  immediate: boolean
  hold: boolean
  holdReason: string
  tags: string[]
  /** Parameters, as "worker.memory=16Gi". */
  set: string[]
}

export const kNoOptions: RunOptions = { gpus: '', workers: '', priority: '', engine: '', immediate: false, hold: false, holdReason: '', tags: [], set: [] }

export type RunRequest = Schemas['RunRequest']

/** What is wrong with a parameter, or nothing. */
export function setFault(parameter: string): string | null {
  return /^[^=\s]+=/.test(parameter) ? null : `“${parameter}” is not written NAME=VALUE, such as worker.memory=16Gi`
}

function whole(text: string, least: number, most: number): number | null {
  const value = /^-?\d+$/.test(text) ? Number(text) : NaN
  return value >= least && value <= most ? value : null
}

export interface OptionFaults {
  gpus?: string
  workers?: string
  priority?: string
  set?: string
}

export function optionFaults(options: RunOptions): OptionFaults {
  const faults: OptionFaults = {}
  if (options.gpus !== '' && whole(options.gpus, 0, 100_000) === null) faults.gpus = 'a whole number from 0'
  if (options.workers !== '' && whole(options.workers, 1, 250) === null) faults.workers = 'a whole number from 1 to 250'
  if (options.priority !== '' && whole(options.priority, -1000, 1000) === null) faults.priority = 'a whole number from -1000 to 1000'
  const wrong = options.set.map(setFault).find((fault) => fault !== null)
  if (wrong) faults.set = wrong
  return faults
}

/** The request that the options make; what is wrong with them is left out. */
export function requestOf(options: RunOptions): RunRequest {
  const gpus = whole(options.gpus, 0, 100_000)
  const workers = whole(options.workers, 1, 250)
  const priority = whole(options.priority, -1000, 1000)
  const pairs = options.set.filter((each) => setFault(each) === null).map((each): [string, string] => [each.slice(0, each.indexOf('=')), each.slice(each.indexOf('=') + 1)])
  return {
    ...(gpus === null ? {} : { gpus }),
    ...(workers === null ? {} : { workers }),
    ...(priority === null ? {} : { priority }),
    ...(options.engine === '' ? {} : { engine: options.engine }),
    ...(options.immediate ? { immediate: true } : {}),
    ...(options.hold ? { hold: options.holdReason.trim() === '' ? true : options.holdReason.trim() } : {}),
    ...(options.tags.length > 0 ? { tags: options.tags } : {}),
    ...(pairs.length > 0 ? { set: Object.fromEntries(pairs) } : {}),
  }
}

/** How many options differ from what the task says. */
export function countOptions(options: RunOptions): number {
  return Object.keys(requestOf(options)).length
}
