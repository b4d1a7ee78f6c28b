import { createContext, useContext } from 'react'
import type { Job } from '@/api/jobs'

export const JobContext = createContext<Job | null>(null)

/** The job whose page this is. */
export function useShownJob(): Job {
  const job = useContext(JobContext)
  if (!job) throw new Error('this is no part of a job’s page')
  return job
}
