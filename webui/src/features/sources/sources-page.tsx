import { ActionIcon, Button, Group, Menu, Text } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { projectQuery, type ProjectFull } from '@/api/projects'
import { readProject, usesOf, type SourceModel } from '@/lib/project-document'
import { EmptyState } from '@/ui/empty-state'
import { checkSource, usesQuery } from './api'
import { FileBrowser } from './file-browser'
import { RemoveDialog, SourceDialog } from './source-dialog'
import { kKinds } from './source-rules'
import { SourceUse } from './source-use'
import classes from './sources.module.css'

const route = getRouteApi('/shell/projects/$project/sources')

type Doing = { kind: 'add' } | { kind: 'edit' | 'remove'; source: SourceModel } | null

/** The code and data of a project. */
export function SourcesPage() {
  const { project: name } = route.useParams()
  const { data: project } = useQuery(projectQuery(name))
  return project ? <Sources key={project.id} project={project} /> : null
}

function originText(source: SourceModel): string {
  const { origin, sub_path: sub } = source
  const place = placeOf(origin)
  return sub === '' ? place : `${place}, ${sub}`
}

function placeOf(origin: SourceModel['origin']): string {
  switch (origin.kind) {
    case 'git':
      return origin.revision ? `${origin.repository} at ${origin.revision}` : origin.repository
    case 'cluster_storage':
      return origin.storage
    case 'nfs':
      return `${origin.server}:${origin.path}`
    case 's3':
      return origin.server === '' ? origin.bucket : `${origin.bucket} on ${origin.server}`
    case 'other':
      return '?'
  }
}

function Sources({ project }: { project: ProjectFull }) {
  const search = route.useSearch()
  const navigate = useNavigate()
  const [doing, setDoing] = useState<Doing>(null)
  const { sources } = readProject(project.document)
  const uses = useQuery({ ...usesQuery(project), enabled: sources.some((source) => source.origin.kind === 'cluster_storage') }).data ?? []
  const chosen = sources.find((source) => source.name === search.source) ?? (search.source === undefined ? (sources.find((source) => source.origin.kind === 'cluster_storage') ?? sources[0]) : undefined)
  const go = (source: string) => void navigate({ to: '/projects/$project/sources', params: { project: project.name }, search: { source } })
  const dialogs = (
    <>
      {(doing?.kind === 'add' || doing?.kind === 'edit') && <SourceDialog project={project} source={doing.kind === 'edit' ? doing.source : null} onClose={() => setDoing(null)} onSaved={go} />}
      {doing?.kind === 'remove' && <RemoveDialog project={project} source={doing.source} onClose={() => setDoing(null)} />}
    </>
  )
  const addButton = (
    <Button variant={sources.length === 0 ? 'filled' : 'default'} onClick={() => setDoing({ kind: 'add' })}>
      Add a source
    </Button>
  )
  if (sources.length === 0) {
    return (
      <div style={{ overflow: 'auto' }}>
        <EmptyState title="No sources yet" command={`pintle source add ${project.name} --help`} action={addButton}>
          A source is code or data that tasks mount: a git repository, a folder on one of the server&apos;s storages or on an NFS server, or an S3 bucket.
        </EmptyState>
        {dialogs}
      </div>
    )
  }
  return (
    <div className={classes.page}>
      <div className={classes.list}>
        <ul className={classes.items} aria-label="Sources">
          {sources.map((source) => (
            <li key={source.name} className={classes.item} {...(source === chosen ? { 'data-chosen': true } : {})}>
              <div className={classes.about}>
                <button type="button" className={classes.choose} onClick={() => go(source.name)} aria-current={source === chosen}>
                  <span className={classes.line}>
                    <span className={classes.badge} title={source.origin.kind === 'other' ? 'Unknown' : kKinds[source.origin.kind].name}>
                      {source.origin.kind === 'other' ? '?' : kKinds[source.origin.kind].mark}
                    </span>
                    <span className="clip" title={source.name}>
                      {source.name}
                    </span>
                    {source.read_only && <span className="dim">read only</span>}
                    {source.library_dir && <span className="dim">library</span>}
                  </span>
                  <span className="dim clip" title={originText(source)}>
                    {originText(source)}
                  </span>
                  <span className="dim mono clip" title={source.mount_path || source.name}>
                    → {source.mount_path || source.name}
                  </span>
                </button>
                <SourceUse use={uses.find((use) => use.source === source.name)} />
              </div>
              <Menu position="bottom-end">
                <Menu.Target>
                  <ActionIcon aria-label={`What to do with ${source.name}`}>
                    <span aria-hidden="true">⋮</span>
                  </ActionIcon>
                </Menu.Target>
                <Menu.Dropdown>
                  <Menu.Item onClick={() => setDoing({ kind: 'edit', source })}>Edit…</Menu.Item>
                  <Menu.Item color="red" onClick={() => setDoing({ kind: 'remove', source })}>
                    Delete…
                  </Menu.Item>
                </Menu.Dropdown>
              </Menu>
            </li>
          ))}
        </ul>
        <div className={classes.foot}>{addButton}</div>
      </div>
      {!chosen ? (
        <Text p={16} c="dimmed" className="wrap">
          {project.name} has no source named {search.source}.
        </Text>
      ) : (
        <div key={chosen.name} className={classes.filled}>
          <FileBrowser
            project={project}
            source={chosen.name}
            path={search.path ?? ''}
            place={JSON.stringify([chosen.origin, chosen.sub_path])}
            file={search.file}
            isGit={chosen.origin.kind === 'git'}
            readOnly={chosen.read_only || chosen.origin.kind === 'git'}
          />
          {chosen.origin.kind !== 'cluster_storage' && <Facts project={project} source={chosen} />}
        </div>
      )}
      {dialogs}
    </div>
  )
}

/** Whether jobs can have files that are not on a storage of ours, and which do. */
function Facts({ project, source }: { project: ProjectFull; source: SourceModel }) {
  const check = useMutation({ mutationFn: () => checkSource(project, source.name) })
  const uses = usesOf(readProject(project.document), source.name)
  return (
    <div className={classes.facts}>
      {source.origin.kind === 'git' && <Text mb={8}>A job finds the files as they are when it starts, and says which commit it had. They are changed by commits, and not from here.</Text>}
      <Group gap="4px 12px">
        <Button variant="default" onClick={() => check.mutate()} loading={check.isPending}>
          Try it now
        </Button>
        <Text role="status" className="wrap">
          {check.error ? 'It could not be tried.' : check.data ? `${check.data.ok ? '✓' : '▲'} ${check.data.message}` : ''}
        </Text>
        <Text c="dimmed" className="wrap">
          {uses.length === 0 ? 'No task mounts it.' : `Mounted by ${uses.map((use) => `${use.task} / ${use.resource}`).join(', ')}.`}
        </Text>
      </Group>
    </div>
  )
}
