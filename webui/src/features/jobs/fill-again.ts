import type { useNavigate } from '@tanstack/react-router'
import type { Job } from '@/api/jobs'
import { keepForTab, keyOfFilled } from '@/lib/kept'

/** Opens the form that a job came from, with the job's values; what was typed there before gives way. */
export function fillAgain(user: string, job: Pick<Job, 'id' | 'project' | 'project_id'>, navigate: ReturnType<typeof useNavigate>) {
  keepForTab(keyOfFilled(user, job.project_id), null)
  void navigate({ to: '/projects/$project/form', params: { project: job.project }, search: { job: job.id } })
}
