import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { stopJob, type JobShort } from '@/api/jobs'
import { counted } from '@/lib/quantity'
import { StateBadge } from '@/ui/state-badge'
import { sayDone, sayFailed } from '@/ui/toast'
import { forEach } from './bulk'
import classes from './jobs-page.module.css'

interface Props {
  /** Those that have not ended; nothing is shown while there are none. */
  jobs: readonly JobShort[] | null
  onClose: () => void
}

const kShown = 200

/** Stopping cannot be undone: this lists what will stop before it does. */
export function StopMany({ jobs, onClose }: Props) {
  const [busy, setBusy] = useState(false)
  const stop = async () => {
    if (!jobs) return
    setBusy(true)
    const outcome = await forEach(
      jobs.map((job) => job.id),
      stopJob,
    )
    setBusy(false)
    onClose()
    if (outcome.done > 0) sayDone(`${counted(outcome.done, 'job')} told to stop.`)
    const [first] = outcome.failed
    if (first) sayFailed(`${counted(outcome.failed.length, 'job')} could not be stopped`, new Error(first.message))
  }
  return (
    <Modal opened={jobs !== null} onClose={onClose} title={`Stop ${counted(jobs?.length ?? 0, 'job')}?`} size="lg">
      <Stack gap={12}>
        <Text>What they have written stays. A job that was stopped does not go on; it can be run again.</Text>
        <ul className={classes.list}>
          {jobs?.slice(0, kShown).map((job) => (
            <li key={job.id}>
              <span className="clip" title={job.name}>
                {job.name}
              </span>
              <StateBadge state={job.state} />
            </li>
          ))}
          {jobs && jobs.length > kShown && <li className="dim">and {jobs.length - kShown} more</li>}
        </ul>
        <Group justify="flex-end" gap={8}>
          <Button onClick={onClose}>Keep running</Button>
          <Button variant="filled" color="red" loading={busy} onClick={() => void stop()} data-autofocus>
            Stop {counted(jobs?.length ?? 0, 'job')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
