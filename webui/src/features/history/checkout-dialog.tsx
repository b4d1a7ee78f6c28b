import { Button, Checkbox, Group, Modal, Stack, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { ApiError } from '@/api/error'
import { jobQuery, jobSpecQuery } from '@/api/jobs'
import { projectQuery, type ProjectFull } from '@/api/projects'
import { useAction } from '@/ui/action'
import { DiffView } from '@/ui/code-editor'
import { ErrorPanel, Loaded } from '@/ui/panel'
import { sayDone, sayFailed } from '@/ui/toast'
import { saveDocument } from './api'
import { checkoutOf, type Document } from './checkout'
import type { Attempt } from './history-pages'

interface Props {
  /** What ran; nothing is shown while there is none. */
  attempt: Attempt | null
  onClose: () => void
}

/** Puts what a job ran back into its project, after showing what that changes. */
export function CheckoutDialog({ attempt, onClose }: Props) {
  return (
    <Modal opened={attempt !== null} onClose={onClose} title={`Check out what ${attempt?.job_name ?? ''} ran`} size="90%">
      {attempt && <Content attempt={attempt} onClose={onClose} />}
    </Modal>
  )
}

function Content({ attempt, onClose }: { attempt: Attempt; onClose: () => void }) {
  const job = useQuery(jobQuery(attempt.job))
  const projectName = job.data?.project_id ?? ''
  const project = useQuery({ ...projectQuery(projectName), enabled: projectName !== '' })
  const spec = useQuery(jobSpecQuery(attempt.job))
  const failed = [job, project, spec].find((query) => query.error && !query.data)
  const all = {
    data: job.data && project.data && spec.data ? { job: job.data, project: project.data, spec: spec.data } : undefined,
    error: failed?.error,
    refetch: () => Promise.all([job.refetch(), spec.refetch(), projectName === '' ? null : project.refetch()]),
  }
  return (
    <Loaded query={all} what="What it ran could not be read">
      {(data) => <Difference {...data} onClose={onClose} onReload={() => void project.refetch()} />}
    </Loaded>
  )
}

interface DifferenceProps {
  job: { name: string; revisions: unknown }
  project: ProjectFull
  spec: Parameters<typeof checkoutOf>[1]
  onClose: () => void
  onReload: () => void
}

function Difference({ job, project, spec, onClose, onReload }: DifferenceProps) {
  const client = useQueryClient()
  const action = useAction()
  const revisions = job.revisions as Record<string, unknown>
  const [pin, setPin] = useState(false)
  const document = project.document as Document
  const checkout = useMemo(() => checkoutOf(document, spec, revisions, pin), [document, spec, revisions, pin])
  const renew = () => client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === 'project' || queryKey[0] === 'projects' })
  const save = async () => {
    const done = await action.run(async () => {
      const saved = await saveDocument(project, checkout.document)
      await renew()
      sayDone(`${project.name} has the configuration of ${job.name}.`, () => {
        saveDocument(saved.project, document).then(renew, (error: unknown) => sayFailed('The configuration could not be put back', error))
      })
    })
    if (done) onClose()
  }
  const isConflict = action.error instanceof ApiError && action.error.isConflict
  return (
    <Stack gap={12}>
      <Text>
        This replaces the task <b className="wrap">{String((spec.task as { name: string }).name)}</b> and its sources in the project{' '}
        <Link to="/projects/$project" params={{ project: project.name }}>
          {project.name}
        </Link>
        . Everything else in it stays, and so do the files in its folders.
      </Text>
      {Object.keys(revisions).length > 0 && <Checkbox label="Keep git sources at the commits that it read" checked={pin} onChange={(event) => setPin(event.currentTarget.checked)} />}
      {checkout.same ? <Text data-testid="same">The project has this configuration already.</Text> : <DiffView before={checkout.before} after={checkout.after} beforeLabel="The project now" afterLabel={`What ${job.name} ran`} />}
      {action.error !== null && (
        <ErrorPanel
          error={action.error}
          what={isConflict ? 'Somebody has changed the project meanwhile' : 'The project could not be changed'}
          onRetry={() => {
            action.clear()
            if (isConflict) onReload()
            else void save()
          }}
        />
      )}
      <Group justify="flex-end" gap={8}>
        <Button onClick={onClose}>Cancel</Button>
        <Button variant="filled" disabled={checkout.same} loading={action.busy} onClick={() => void save()} data-autofocus>
          Check out
        </Button>
      </Group>
    </Stack>
  )
}
