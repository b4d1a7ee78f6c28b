import type { Schemas } from './client'
import { clockText } from '@/lib/time'
import { bytesText, coresText, counted } from '@/lib/quantity'

export type DryRun = Schemas['DryRun']

/** " on gpu-1", " on gpu-1 and gpu-2", " on gpu-1, gpu-2 and 3 more nodes" */
export function nodesText(nodes: readonly string[]): string {
  const [first, second, ...rest] = nodes
  if (first === undefined) return ''
  if (second === undefined) return ` on ${first}`
  return rest.length === 0 ? ` on ${first} and ${second}` : ` on ${first}, ${second} and ${counted(rest.length, 'more node')}`
}

/** When a job would start: "Would start now on gpu-1", "Would start at about 14:21, by 15:06 in 9 of 10 cases, behind 1 job". */
export function startText(run: DryRun, now: number): string {
  if (run.starts_now) return `Would start now${nodesText(run.nodes)}`
  const { forecast, reason } = run.explanation
  const behind = run.position > 1 ? `, behind ${counted(run.position - 1, 'job')}` : ''
  if (!forecast) return `Would wait${behind}: ${reason}`
  const median = clockText(Date.parse(forecast.median), now)
  const high = clockText(Date.parse(forecast.high), now)
  return `Would start at about ${median}${high === median ? '' : `, by ${high} in 9 of 10 cases`}${behind}`
}

/** What it would ask for: "4 GPUs, 16 CPUs and 64 GiB for 2 replicas in research". */
export function askText(run: DryRun): string {
  const gpus = run.gpus > 0 ? `${counted(run.gpus, 'GPU')} (${run.gpus_free_in_pool} free), ` : ''
  return `asks ${gpus}${coresText(run.cpu_millis)} CPU and ${bytesText(run.memory_bytes)} for ${counted(run.replicas, 'replica')} in ${run.pool}`
}
