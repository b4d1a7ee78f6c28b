import { ActionIcon, Menu, Select, Text, TextInput, Tooltip } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { ProjectFull } from '@/api/projects'
import { freshName, nameFault } from '@/lib/project-document'
import { counted } from '@/lib/quantity'
import { ConfirmByName } from '@/ui/confirm-by-name'
import { FormModal } from '@/ui/form-modal'
import { Loaded } from '@/ui/panel'
import { sayDone, sayFailed } from '@/ui/toast'
import { cloneProject, deleteProject, deletionQuery, disableProject, downloadAddress, enableProject, keepProject, peopleQuery, renameProject, resetProject, resetQuery, transferProject } from './api'

type Doing = 'clone' | 'rename' | 'transfer' | 'disable' | 'reset' | 'delete' | null

/** What can be done with a project as a whole. */
export function ProjectMenu({ project }: { project: ProjectFull }) {
  const [doing, setDoing] = useState<Doing>(null)
  const client = useQueryClient()
  const close = () => setDoing(null)
  const enable = () => {
    enableProject(project).then(
      (answer) => {
        keepProject(client, answer.project)
        sayDone(`${project.name} is enabled.`)
      },
      (error: unknown) => sayFailed(`${project.name} was not enabled`, error),
    )
  }
  return (
    <>
      <Menu position="bottom-end" width={200}>
        <Menu.Target>
          <Tooltip label="More">
            <ActionIcon aria-label="Project menu" data-testid="project-menu">
              <span aria-hidden="true">⋮</span>
            </ActionIcon>
          </Tooltip>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setDoing('clone')}>Clone…</Menu.Item>
          <Menu.Item onClick={() => setDoing('rename')}>Rename…</Menu.Item>
          <Menu.Item onClick={() => setDoing('transfer')}>Give to somebody else…</Menu.Item>
          <Menu.Item component="a" href={downloadAddress(project)} download={`${project.name}.yaml`}>
            Download as YAML
          </Menu.Item>
          <Menu.Divider />
          {project.disabled ? <Menu.Item onClick={enable}>Enable</Menu.Item> : <Menu.Item onClick={() => setDoing('disable')}>Disable…</Menu.Item>}
          <Menu.Item color="red" onClick={() => setDoing('reset')}>
            Reset…
          </Menu.Item>
          <Menu.Item color="red" onClick={() => setDoing('delete')}>
            Delete…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {doing === 'clone' && <CloneDialog project={project} onClose={close} />}
      {doing === 'rename' && <RenameDialog project={project} onClose={close} />}
      {doing === 'transfer' && <TransferDialog project={project} onClose={close} />}
      {doing === 'disable' && <DisableDialog project={project} onClose={close} />}
      {doing === 'reset' && <ResetDialog project={project} onClose={close} />}
      {doing === 'delete' && <DeleteDialog project={project} onClose={close} />}
    </>
  )
}

interface DialogProps {
  project: ProjectFull
  onClose: () => void
}

function NameInput({ name, onName, label }: { name: string; onName: (name: string) => void; label: string }) {
  return (
    <TextInput
      label={label}
      description="1 to 63 lower-case letters, digits and dashes"
      value={name}
      onChange={(event) => onName(event.currentTarget.value)}
      error={name === '' ? null : nameFault(name, [], 'project')}
      data-autofocus
      autoComplete="off"
      spellCheck={false}
    />
  )
}

function CloneDialog({ project, onClose }: DialogProps) {
  const navigate = useNavigate()
  const client = useQueryClient()
  const [name, setName] = useState(() => freshName(project.name, [project.name]))
  const submit = async () => {
    const made = (await cloneProject(project, name)).project
    keepProject(client, made)
    sayDone(`${made.name} is there.`)
    await navigate({ to: '/projects/$project', params: { project: made.name } })
  }
  return (
    <FormModal opened title={`Clone ${project.name}`} button="Clone" onSubmit={submit} onClose={onClose} disabled={nameFault(name, [project.name], 'project') !== null}>
      <Text>The new project has the same tasks and sources. Its private folders begin empty, and it has no jobs.</Text>
      <NameInput label="Name of the clone" name={name} onName={setName} />
    </FormModal>
  )
}

function RenameDialog({ project, onClose }: DialogProps) {
  const navigate = useNavigate()
  const client = useQueryClient()
  const [name, setName] = useState(project.name)
  const submit = async () => {
    const renamed = (await renameProject(project, name)).project
    keepProject(client, renamed)
    // The page that one is on keeps its tab; only the name in the address changes.
    await navigate({ to: '.', params: (before: object) => ({ ...before, project: renamed.name }), search: true, replace: true } as never)
  }
  return (
    <FormModal opened title={`Rename ${project.name}`} button="Rename" onSubmit={submit} onClose={onClose} disabled={nameFault(name, [], 'project') !== null || name === project.name}>
      <Text>Its private folders move along. Addresses with the old name lead nowhere then, and nothing of it may run meanwhile.</Text>
      <NameInput label="New name" name={name} onName={setName} />
    </FormModal>
  )
}

function TransferDialog({ project, onClose }: DialogProps) {
  const client = useQueryClient()
  const [to, setTo] = useState<string | null>(null)
  const [typed, setTyped] = useState('')
  const [text] = useDebouncedValue(typed, 200)
  const people = useQuery(peopleQuery(text))
  const submit = async () => {
    if (to === null) return
    keepProject(client, (await transferProject(project, to)).project)
    await client.invalidateQueries({ queryKey: ['projects'] })
    sayDone(`${project.name} belongs to ${to} now.`)
  }
  return (
    <FormModal opened title={`Give ${project.name} to somebody else`} button="Give" onSubmit={submit} onClose={onClose} disabled={to === null}>
      <Text>Who gets it may do everything with it. You go on seeing it as long as you are in the same group.</Text>
      <Select
        label="To"
        placeholder="Type a name"
        searchable
        data={(people.data ?? []).map((user) => user.name)}
        value={to}
        onChange={setTo}
        onSearchChange={setTyped}
        nothingFoundMessage={people.error ? 'The people could not be read.' : 'Nobody of that name'}
        data-autofocus
        limit={50}
      />
    </FormModal>
  )
}

function DisableDialog({ project, onClose }: DialogProps) {
  const client = useQueryClient()
  const submit = async () => {
    const { project: disabled } = await disableProject(project)
    keepProject(client, disabled)
    sayDone(`${project.name} is disabled.`, () => {
      enableProject(project).then(
        (answer) => keepProject(client, answer.project),
        (error: unknown) => sayFailed(`${project.name} was not enabled`, error),
      )
    })
  }
  return (
    <FormModal opened title={`Disable ${project.name}?`} button="Disable" onSubmit={submit} onClose={onClose}>
      <Text>What runs of it is stopped, and nothing new of it runs until it is enabled again. Its document, jobs and data stay.</Text>
    </FormModal>
  )
}

function ResetDialog({ project, onClose }: DialogProps) {
  const client = useQueryClient()
  const preview = useQuery(resetQuery(project))
  const confirm = async () => {
    await resetProject(project)
    await client.invalidateQueries({ predicate: (query) => ['project', 'projects', 'jobs'].includes(String(query.queryKey[0])) })
    sayDone(`${project.name} begins from scratch.`)
  }
  return (
    <ConfirmByName opened title={`Reset ${project.name}`} name={project.name} button="Reset it" onConfirm={confirm} onClose={onClose}>
      <Loaded query={preview} what="What goes could not be read" rows={3}>
        {(what) => (
          <>
            <StillLive count={what.live_jobs} />
            <Consequences title="This goes:" items={what.removed.length > 0 ? what.removed : ['nothing: it has no jobs; builds count from 1 again']} />
            <Consequences title="This stays:" items={['its document: tasks, sources and summary', ...what.kept]} />
          </>
        )}
      </Loaded>
    </ConfirmByName>
  )
}

function StillLive({ count }: { count: number }) {
  if (count === 0) return null
  return (
    <Text mb={8}>
      <span className="tone-waiting" aria-hidden="true">
        ▲{' '}
      </span>
      {counted(count, 'job')} of it still {count === 1 ? 'lives' : 'live'}; stop {count === 1 ? 'it' : 'them'} first.
    </Text>
  )
}

function DeleteDialog({ project, onClose }: DialogProps) {
  const navigate = useNavigate()
  const client = useQueryClient()
  const deletion = useQuery(deletionQuery(project))
  const confirm = async () => {
    await deleteProject(project)
    await navigate({ to: '/projects' })
    client.removeQueries({ queryKey: ['project', project.name] })
    await client.invalidateQueries({ queryKey: ['projects'] })
    sayDone(`${project.name} is deleted.`)
  }
  return (
    <ConfirmByName opened title={`Delete ${project.name}`} name={project.name} button="Delete it" onConfirm={confirm} onClose={onClose}>
      <Loaded query={deletion} what="What goes with it could not be read" rows={3}>
        {(what) => (
          <>
            <StillLive count={what.live_jobs} />
            <Consequences title="This goes:" items={['the project with its tasks and sources', ...what.removed]} />
            {what.kept.length > 0 && <Consequences title="This stays:" items={what.kept} />}
          </>
        )}
      </Loaded>
    </ConfirmByName>
  )
}

function Consequences({ title, items }: { title: string; items: readonly string[] }) {
  return (
    <>
      <Text fw={600}>{title}</Text>
      <ul style={{ margin: '2px 0 10px', paddingLeft: 20 }}>
        {items.map((item) => (
          <li key={item} className="wrap">
            {item}
          </li>
        ))}
      </ul>
    </>
  )
}
