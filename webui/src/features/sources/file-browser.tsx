import { ActionIcon, Button, Progress as Bar, Text, Tooltip } from '@mantine/core'
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useCallback, useMemo, useRef, useState, type DragEvent } from 'react'
import { ApiError } from '@/api/error'
import type { ProjectFull } from '@/api/projects'
import { bytesText, counted } from '@/lib/quantity'
import { ConfirmByName } from '@/ui/confirm-by-name'
import { DataTable, type Column } from '@/ui/data-table'
import { EmptyState } from '@/ui/empty-state'
import { ErrorPanel, Loaded, Loading } from '@/ui/panel'
import { SidePane, Split } from '@/ui/side-pane'
import { TimeAgo } from '@/ui/time'
import { sayDone, sayFailed } from '@/ui/toast'
import { deleteFile, fileAddress, filesKey, filesQuery, kPreviewBytes, previewQuery, putFile, wholeFile, type FileEntry } from './api'
import classes from './sources.module.css'
import { crumbsOf, joinPath, progressOf, targetOf, type Upload } from './uploads'
import { droppedFiles, useUploads } from './use-uploads'

interface Props {
  project: ProjectFull
  source: string
  path: string
  /** The name of the file of this folder that is shown. */
  file: string | undefined
}

const keyOf = (entry: FileEntry) => entry.name
const isFolder = (entry: FileEntry) => entry.kind === 'folder' || entry.kind === 'directory'
// A small file is kept while it is being removed, so that it can be put back.
const kUndoBytes = 4 * 1024 * 1024

/** The folders and files of a source on a storage. */
export function FileBrowser({ project, source, path, file }: Props) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const query = useInfiniteQuery(filesQuery(project, source, path))
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data])
  const [removing, setRemoving] = useState<FileEntry | null>(null)
  const [over, setOver] = useState(false)
  const files = useRef<HTMLInputElement>(null)
  const folder = useRef<HTMLInputElement>(null)
  const refresh = useCallback(() => client.invalidateQueries({ queryKey: filesKey(project, source) }), [client, project, source])
  const { uploads, add, retry, clear } = useUploads(project, source, () => void refresh())
  const params = { project: project.name }
  const open = useCallback(
    (entry: FileEntry) =>
      void navigate({ to: '/projects/$project/sources', params: { project: project.name }, search: { source, ...(isFolder(entry) ? { path: joinPath(path, entry.name) } : { ...(path ? { path } : {}), file: entry.name }) } }),
    [navigate, project.name, source, path],
  )
  const close = () => void navigate({ to: '/projects/$project/sources', params, search: { source, ...(path ? { path } : {}) } })
  const chosen = (list: FileList | null, contentOnly: boolean) => {
    if (list) add([...list].map((each) => ({ path: targetOf(path, each.webkitRelativePath || each.name, contentOnly), file: each })))
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    droppedFiles(event.dataTransfer.items).then(
      (found) => add(found.map(({ relative, file: each }) => ({ path: targetOf(path, relative, false), file: each }))),
      (error: unknown) => sayFailed('What was dropped could not be read', error),
    )
  }
  const removeNow = async (entry: FileEntry) => {
    const at = joinPath(path, entry.name)
    const kept = isFolder(entry) ? null : await wholeFile(project, source, at, kUndoBytes)
    await deleteFile(project, source, at)
    if (file === entry.name) close()
    await refresh()
    sayDone(
      `${entry.name} is deleted.`,
      kept
        ? () =>
            void putFile(project, source, at, kept, () => {}).then(
              () => refresh(),
              (error: unknown) => sayFailed(`${entry.name} could not be put back`, error),
            )
        : undefined,
    )
  }
  const remove = (entry: FileEntry) => {
    if (isFolder(entry) || entry.size_bytes > kUndoBytes) return setRemoving(entry)
    removeNow(entry).catch((error: unknown) => sayFailed(`${entry.name} was not deleted`, error))
  }
  const columns: Column<FileEntry>[] = [
    {
      id: 'name',
      header: 'Name',
      width: 'minmax(120px, 1fr)',
      always: true,
      cell: (entry) => (
        <Link to="/projects/$project/sources" params={params} search={{ source, ...(isFolder(entry) ? { path: joinPath(path, entry.name) } : { ...(path ? { path } : {}), file: entry.name }) }} title={entry.name}>
          {entry.name}
          {isFolder(entry) ? '/' : ''}
        </Link>
      ),
    },
    { id: 'size', header: 'Size', width: '80px', align: 'end', cell: (entry) => (isFolder(entry) ? <span className="dim">–</span> : bytesText(entry.size_bytes)) },
    { id: 'changed', header: 'Changed', width: '90px', align: 'end', cell: (entry) => <TimeAgo at={entry.modified_at} /> },
    {
      id: 'actions',
      header: '',
      width: '56px',
      align: 'end',
      cell: (entry) => (
        <span style={{ display: 'inline-flex', gap: 4 }}>
          {!isFolder(entry) && (
            <Tooltip label="Download">
              <ActionIcon size={24} component="a" href={fileAddress(project, source, joinPath(path, entry.name), true)} download={entry.name} aria-label={`Download ${entry.name}`}>
                <span aria-hidden="true">↓</span>
              </ActionIcon>
            </Tooltip>
          )}
          <Tooltip label="Delete">
            <ActionIcon size={24} onClick={() => remove(entry)} aria-label={`Delete ${entry.name}`}>
              <span aria-hidden="true">×</span>
            </ActionIcon>
          </Tooltip>
        </span>
      ),
    },
  ]
  const missing = query.error instanceof ApiError && query.error.isMissing
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  const emptyFolder = (
    <EmptyState title={path === '' ? 'No files yet' : 'This folder is empty'} command={`pintle source upload ${project.name} ${source} FOLDER`} action={<Button onClick={() => files.current?.click()}>Upload files…</Button>}>
      Drop files or folders here, and every task that mounts {source} finds them.
    </EmptyState>
  )
  return (
    <div
      className={`${classes.browser} ${over ? classes.over : ''}`}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false)
      }}
      onDrop={drop}
    >
      <nav className={classes.crumbs} aria-label="Folder">
        <ol>
          <li className="clip">
            <Link to="/projects/$project/sources" params={params} search={{ source }}>
              {source}
            </Link>
          </li>
          {crumbsOf(path).map(([name, at]) => (
            <li key={at} className="clip">
              <span className="dim">/ </span>
              <Link to="/projects/$project/sources" params={params} search={{ source, path: at }} title={name}>
                {name}
              </Link>
            </li>
          ))}
        </ol>
        <Button onClick={() => files.current?.click()}>Upload files…</Button>
        <Tooltip label="The content of the folder goes here">
          <Button onClick={() => folder.current?.click()}>Upload a folder…</Button>
        </Tooltip>
        <input
          ref={files}
          type="file"
          multiple
          hidden
          aria-label="Files to upload"
          data-testid="upload-files"
          onChange={(event) => {
            chosen(event.currentTarget.files, false)
            event.currentTarget.value = ''
          }}
        />
        <input
          ref={folder}
          type="file"
          multiple
          hidden
          aria-label="Folder to upload"
          data-testid="upload-folder"
          {...{ webkitdirectory: '' }}
          onChange={(event) => {
            chosen(event.currentTarget.files, true)
            event.currentTarget.value = ''
          }}
        />
      </nav>
      <Split pane={file === undefined ? null : <Preview project={project} source={source} path={joinPath(path, file)} name={file} onClose={close} />}>
        {missing && path === '' ? (
          emptyFolder
        ) : query.error && rows.length === 0 ? (
          <div style={{ padding: 16 }}>
            <ErrorPanel error={query.error} what="The files could not be read" onRetry={() => void query.refetch()} />
          </div>
        ) : query.data === undefined ? (
          <Loading rows={8} />
        ) : (
          <DataTable label={`Files of ${source}`} columns={columns} rows={rows} rowKey={keyOf} onOpen={open} onEnd={onEnd} empty={emptyFolder} />
        )}
      </Split>
      {uploads.length > 0 && <UploadPanel uploads={uploads} onRetry={retry} onClear={clear} />}
      {removing && (
        <ConfirmByName opened title={`Delete ${removing.name}`} name={removing.name} button="Delete it" onConfirm={() => removeNow(removing)} onClose={() => setRemoving(null)}>
          <Text>{isFolder(removing) ? 'The folder goes with everything in it, and cannot be brought back.' : 'The file cannot be brought back.'}</Text>
        </ConfirmByName>
      )}
    </div>
  )
}

interface PreviewProps {
  project: ProjectFull
  source: string
  path: string
  name: string
  onClose: () => void
}

function Preview({ project, source, path, name, onClose }: PreviewProps) {
  const query = useQuery(previewQuery(project, source, path))
  return (
    <SidePane title={name} onClose={onClose}>
      <Button component="a" href={fileAddress(project, source, path, true)} download={name} mb={10}>
        Download
      </Button>
      <Loaded query={query} what="The file could not be read">
        {({ text, cut }) =>
          text === null ? (
            <Text c="dimmed">This is no text; download it to look at it.</Text>
          ) : text === '' ? (
            <Text c="dimmed">The file is empty.</Text>
          ) : (
            <>
              <pre className={classes.preview} role="region" tabIndex={0} aria-label={`Content of ${name}`}>
                {text}
              </pre>
              {cut && <Text c="dimmed">The rest is left out: these are the first {bytesText(kPreviewBytes)}.</Text>}
            </>
          )
        }
      </Loaded>
    </SidePane>
  )
}

const kShown = 100

function UploadPanel({ uploads, onRetry, onClear }: { uploads: readonly Upload[]; onRetry: () => void; onClear: () => void }) {
  const progress = progressOf(uploads)
  const failed = uploads.filter((each) => each.state === 'failed')
  const share = progress.bytes > 0 ? (progress.sent / progress.bytes) * 100 : (progress.done / progress.files) * 100
  return (
    <section className={classes.uploads} aria-label="Uploads">
      <div style={{ display: 'flex', gap: 10, alignItems: 'center' }}>
        <span role="status">
          {progress.done} of {counted(progress.files, 'file')} uploaded, {bytesText(progress.sent)} of {bytesText(progress.bytes)}
          {progress.failed > 0 && <span className="tone-bad"> · ✕ {progress.failed} failed</span>}
        </span>
        <Bar value={share} style={{ flex: 1 }} aria-label="How much is uploaded" />
        {failed.length > 0 && <Button onClick={onRetry}>Try the failed again</Button>}
        {!progress.busy && <Button onClick={onClear}>Close</Button>}
      </div>
      {failed.length > 0 && (
        <ul style={{ margin: '6px 0 0', paddingLeft: 20 }}>
          {failed.slice(0, kShown).map((each) => (
            <li key={each.id} className="wrap">
              <span className="mono">{each.path}</span>: {each.error}
            </li>
          ))}
          {failed.length > kShown && <li className="dim">and {failed.length - kShown} more</li>}
        </ul>
      )}
    </section>
  )
}
