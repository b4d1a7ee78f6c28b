import { ActionIcon, Button, Text, Tooltip } from '@mantine/core'
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useCallback, useMemo, useRef, useState, type DragEvent } from 'react'
import { messageOf } from '@/api/error'
import type { ProjectFull } from '@/api/projects'
import { fileSizeText } from '@/lib/quantity'
import { ConfirmByName } from '@/ui/confirm-by-name'
import { DataTable, type Column } from '@/ui/data-table'
import { EmptyState } from '@/ui/empty-state'
import { ErrorPanel, Loaded, Loading } from '@/ui/panel'
import { SidePane, Split } from '@/ui/side-pane'
import { TimeAgo } from '@/ui/time'
import { sayDone, sayFailed } from '@/ui/toast'
import { cancelUpload, deleteFile, fileAddress, filesKey, filesQuery, kPreviewBytes, previewQuery, putFile, uploadsQuery, wholeFile, type FileEntry } from './api'
import classes from './sources.module.css'
import { UnfinishedUploads, UploadPanel } from './upload-panel'
import { crumbsOf, joinPath, targetOf } from './uploads'
import { droppedFiles, useUploads } from './use-uploads'

interface Props {
  project: ProjectFull
  source: string
  path: string
  /** Where the source has its files. */
  place: string
  /** The name of the file of this folder that is shown. */
  file: string | undefined
  readOnly?: boolean
  /** The files are at a commit of a repository, where nothing is put or deleted from here. */
  isGit?: boolean
}

const keyOf = (entry: FileEntry) => entry.name
const isFolder = (entry: FileEntry) => entry.kind === 'folder' || entry.kind === 'directory'
// A small file is kept while it is being removed, so that it can be put back.
const kUndoBytes = 4 * 1024 * 1024

/** The folders and files of a source. */
export function FileBrowser({ project, source, path, place, file, isGit = false, readOnly = isGit }: Props) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const query = useInfiniteQuery(filesQuery(project, source, path, place, isGit))
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data])
  const commit = query.data?.pages[0]?.commit ?? null
  const [removing, setRemoving] = useState<FileEntry | null>(null)
  const [over, setOver] = useState(false)
  const files = useRef<HTMLInputElement>(null)
  const folder = useRef<HTMLInputElement>(null)
  const refresh = useCallback(() => client.invalidateQueries({ queryKey: filesKey(project, source) }), [client, project, source])
  const unfinished = useQuery(uploadsQuery(project, source))
  const { uploads, add, ...controls } = useUploads(project, source, () => {
    void refresh()
    void unfinished.refetch()
  })
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
    if (readOnly) return
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
  const forget = (id: string) =>
    void cancelUpload(project, source, id).then(
      () => unfinished.refetch(),
      (error: unknown) => sayFailed('The upload could not be cancelled', error),
    )
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
    { id: 'size', header: 'Size', width: '80px', align: 'end', cell: (entry) => (isFolder(entry) ? <span className="dim">–</span> : fileSizeText(entry.size_bytes)) },
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
          {!readOnly && (
            <Tooltip label="Delete">
              <ActionIcon size={24} onClick={() => remove(entry)} aria-label={`Delete ${entry.name}`}>
                <span aria-hidden="true">×</span>
              </ActionIcon>
            </Tooltip>
          )}
        </span>
      ),
    },
  ]
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  const emptyFolder = readOnly ? (
    <EmptyState title={path === '' ? 'No files' : 'This folder is empty'}>{isGit ? 'The commit has no files here.' : 'The source is read-only: nothing is put into it from here.'}</EmptyState>
  ) : (
    <EmptyState title={path === '' ? 'No files yet' : 'This folder is empty'} command={`pintle source upload ${project.name} ${source} FOLDER`} action={<Button onClick={() => files.current?.click()}>Upload files…</Button>}>
      Drop files or folders here, and every task that mounts {source} finds them.
    </EmptyState>
  )
  return (
    <div
      className={`${classes.browser} ${over ? classes.over : ''}`}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(!readOnly)
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
          {commit !== null && (
            <li className="dim" title={`Commit ${commit}`}>
              at <span className="mono">{commit.slice(0, 12)}</span>
            </li>
          )}
          {crumbsOf(path).map(([name, at]) => (
            <li key={at} className="clip">
              <span className="dim">/ </span>
              <Link to="/projects/$project/sources" params={params} search={{ source, path: at }} title={name}>
                {name}
              </Link>
            </li>
          ))}
        </ol>
        {!readOnly && (
          <>
            <Button onClick={() => files.current?.click()}>Upload files…</Button>
            <Tooltip label="The content of the folder goes here">
              <Button onClick={() => folder.current?.click()}>Upload a folder…</Button>
            </Tooltip>
          </>
        )}
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
      <Split pane={file === undefined ? null : <Preview project={project} source={source} path={joinPath(path, file)} name={file} isGit={isGit} onClose={close} />}>
        {query.error && rows.length === 0 ? (
          <div style={{ padding: 16 }}>
            <ErrorPanel error={query.error} what="The files could not be read" onRetry={() => void query.refetch()} />
          </div>
        ) : query.data === undefined ? (
          <>
            <Loading rows={8} />
            <Text role="status" className="wrap" px={12} c="dimmed">
              {query.failureReason ? messageOf(query.failureReason) : ''}
            </Text>
          </>
        ) : (
          <DataTable label={`Files of ${source}`} columns={columns} rows={rows} rowKey={keyOf} onOpen={open} onEnd={onEnd} empty={emptyFolder} />
        )}
      </Split>
      {uploads.length > 0 && <UploadPanel uploads={uploads} {...controls} />}
      {uploads.length === 0 && !readOnly && <UnfinishedUploads uploads={unfinished.data ?? []} onChoose={() => files.current?.click()} onCancel={forget} />}
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
  isGit: boolean
  onClose: () => void
}

function Preview({ project, source, path, name, isGit, onClose }: PreviewProps) {
  const query = useQuery(previewQuery(project, source, path, isGit))
  return (
    <SidePane title={name} onClose={onClose}>
      <Button component="a" href={fileAddress(project, source, path, true)} download={name} mb={10}>
        Download
      </Button>
      {query.isPending && query.failureReason && (
        <Text role="status" className="wrap" c="dimmed">
          {messageOf(query.failureReason)}
        </Text>
      )}
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
              {cut && <Text c="dimmed">The rest is left out: these are the first {fileSizeText(kPreviewBytes)}.</Text>}
            </>
          )
        }
      </Loaded>
    </SidePane>
  )
}
