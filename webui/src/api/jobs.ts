import { queryOptions } from '@tanstack/react-query'
import { api, idempotencyKey, take, type Schemas } from './client'

export type Job = Schemas['Job']
export type JobShort = Schemas['JobShort']

/** One job, by its id or as project/task:build. The stream of changes reads it again by its id. */
export function jobQuery(job: string) {
  return queryOptions({
    queryKey: ['job', job] as const,
    queryFn: ({ signal }) => take(api.GET('/jobs/{job}', { params: { path: { job } }, signal })),
  })
}

/** Exactly what the job runs; never changes. */
export function jobSpecQuery(job: string) {
  return queryOptions({
    queryKey: ['static', 'job-spec', job] as const,
    queryFn: ({ signal }) => take(api.GET('/jobs/{job}/spec', { params: { path: { job } }, signal })),
    staleTime: Infinity,
  })
}

export function stopJob(job: string): Promise<Job> {
  return take(api.POST('/jobs/{job}/stop', { params: { path: { job } } }))
}

/** Runs exactly what the job ran, again. */
export function cloneJob(job: string): Promise<Job> {
  return take(api.POST('/jobs/{job}/clone', { params: { path: { job }, header: { 'Idempotency-Key': idempotencyKey() } }, body: {} }))
}
