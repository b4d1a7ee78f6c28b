import { ActionIcon, Button, Menu, NumberInput, TagsInput, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { cloneJob, type Job } from '@/api/jobs'
import { useMe } from '@/api/session'
import { hasEnded, isWaiting } from '@/api/states'
import { ConfirmByName } from '@/ui/confirm-by-name'
import { FormModal } from '@/ui/form-modal'
import { sayDone, sayFailed } from '@/ui/toast'
import { fillAgain } from './fill-again'
import { deleteJob, holdJob, releaseJob, setPriority, setTags } from './api'
import { StopMany } from './stop-many'

type Dialog = 'stop' | 'delete' | 'hold' | 'priority' | 'tags' | null

/** What can be done with a job, as far as its state allows it. */
export function JobActions({ job }: { job: Job }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const me = useMe()
  const [dialog, setDialog] = useState<Dialog>(null)
  const [busy, setBusy] = useState(false)
  const [reason, setReason] = useState('')
  const [priority, setPriorityTyped] = useState<number | string>(job.priority)
  const [tags, setTagsTyped] = useState<string[]>(job.tags)
  const waits = isWaiting(job.state)
  const ended = hasEnded(job.state)
  const close = () => setDialog(null)
  const put = (changed: Job) => client.setQueryData(['job', job.id], changed)
  const clone = async () => {
    setBusy(true)
    try {
      const made = await cloneJob(job.id)
      sayDone(`${made.name} was submitted.`)
      await navigate({ to: '/jobs/$job', params: { job: made.id } })
    } catch (error) {
      sayFailed(`${job.name} could not be run again`, error)
    } finally {
      setBusy(false)
    }
  }
  const refill = () => fillAgain(me.user, job, navigate)
  const release = async () => {
    try {
      put(await releaseJob(job.id))
    } catch (error) {
      sayFailed(`${job.name} could not be released`, error)
    }
  }
  return (
    <>
      {!ended && job.state !== 'Stopping' && <Button onClick={() => setDialog('stop')}>■ Stop</Button>}
      {job.form_values === null ? (
        <Button onClick={() => void clone()} loading={busy} title="Run exactly this again">
          ↻ Clone
        </Button>
      ) : (
        <Button onClick={refill} title="Fill in the form with the values of this job">
          ↻ Clone…
        </Button>
      )}
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label="More">
            <span aria-hidden="true">⋯</span>
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {job.form_values !== null && (
            <Menu.Item disabled={busy} onClick={() => void clone()}>
              Run exactly this again
            </Menu.Item>
          )}
          {waits && job.held === null && <Menu.Item onClick={() => setDialog('hold')}>Hold…</Menu.Item>}
          {waits && job.held !== null && <Menu.Item onClick={() => void release()}>Release</Menu.Item>}
          {waits && <Menu.Item onClick={() => setDialog('priority')}>Priority…</Menu.Item>}
          <Menu.Item
            onClick={() => {
              setTagsTyped(job.tags)
              setDialog('tags')
            }}
          >
            Tags…
          </Menu.Item>
          <Menu.Item component="a" href={`/api/v1/jobs/${encodeURIComponent(job.id)}/logs/all?download=true`} download>
            Download all logs
          </Menu.Item>
          <Menu.Item color="red" disabled={!ended} onClick={() => setDialog('delete')}>
            Delete…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <StopMany jobs={dialog === 'stop' ? [job] : null} onClose={close} />
      <FormModal opened={dialog === 'hold'} title={`Hold ${job.name}`} button="Hold" onSubmit={async () => put(await holdJob(job.id, reason.trim()))} onClose={close}>
        <p style={{ margin: 0 }}>It keeps its place and does not start until it is released.</p>
        <TextInput label="Why" value={reason} onChange={(event) => setReason(event.currentTarget.value)} maxLength={500} data-autofocus />
      </FormModal>
      <FormModal opened={dialog === 'priority'} title={`Priority of ${job.name}`} button="Set" onSubmit={async () => put(await setPriority(job.id, Number(priority)))} onClose={close}>
        <NumberInput label="Priority" description="The higher goes first; up to 100, operators up to 1000." value={priority} onChange={setPriorityTyped} min={-1000} max={1000} allowDecimal={false} data-autofocus />
      </FormModal>
      <FormModal opened={dialog === 'tags'} title={`Tags of ${job.name}`} button="Save" onSubmit={async () => put(await setTags(job.id, tags))} onClose={close}>
        <TagsInput label="Tags" description="Words by which related jobs are found again. They change nothing of what runs." value={tags} onChange={setTagsTyped} maxTags={50} data-autofocus />
      </FormModal>
      <ConfirmByName
        opened={dialog === 'delete'}
        title="Delete this job?"
        name={`${job.task}:${job.build}`}
        button="Delete the job"
        onConfirm={async () => {
          await deleteJob(job.id)
          sayDone(`${job.name} was deleted.`)
          await navigate({ to: '/jobs' })
        }}
        onClose={close}
      >
        Its logs, its events and its place in the history go, for good. What it wrote into its folders stays.
      </ConfirmByName>
    </>
  )
}
