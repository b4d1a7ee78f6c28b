import { Button, Progress as Bar } from '@mantine/core'
import { counted, fileSizeText } from '@/lib/quantity'
import type { UploadState } from './api'
import classes from './sources.module.css'
import { progressOf, type Upload } from './uploads'

const kShown = 100
/** Smaller files are gone before a bar of their own says anything. */
const kOwnBar = 4 * 1024 * 1024

interface Props {
  uploads: readonly Upload[]
  pause: (id: number) => void
  resume: (id: number) => void
  cancel: (upload: Upload) => void
  retry: () => void
  clear: () => void
}

/** How far all that is sent has come, and each large file by itself. */
export function UploadPanel({ uploads, pause, resume, cancel, retry, clear }: Props) {
  const progress = progressOf(uploads)
  const failed = uploads.filter((each) => each.state === 'failed')
  const large = uploads.filter((each) => each.size > kOwnBar && (each.state === 'sending' || each.state === 'paused' || each.state === 'waiting'))
  const share = progress.bytes > 0 ? (progress.sent / progress.bytes) * 100 : (progress.done / progress.files) * 100
  return (
    <section className={classes.uploads} aria-label="Uploads">
      <div style={{ display: 'flex', gap: 10, alignItems: 'center' }}>
        <span role="status">
          {progress.done} of {counted(progress.files, 'file')} uploaded, {fileSizeText(progress.sent)} of {fileSizeText(progress.bytes)}
          {progress.paused > 0 && ` · ${progress.paused} paused`}
          {progress.failed > 0 && <span className="tone-bad"> · ✕ {progress.failed} failed</span>}
        </span>
        <Bar value={share} style={{ flex: 1 }} aria-label="How much is uploaded" />
        {failed.length > 0 && <Button onClick={retry}>Try the failed again</Button>}
        {!progress.busy && progress.paused === 0 && <Button onClick={clear}>Close</Button>}
      </div>
      {large.length > 0 && (
        <ul className={classes.large} aria-label="Large files">
          {large.slice(0, kShown).map((each) => (
            <LargeUpload key={each.id} upload={each} pause={pause} resume={resume} cancel={cancel} />
          ))}
          {large.length > kShown && <li className="dim">and {large.length - kShown} more</li>}
        </ul>
      )}
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

function stateOf(upload: Upload): string {
  if (upload.state === 'paused') return 'paused'
  if (upload.state === 'waiting') return 'waits'
  if (upload.wait !== null) return `${upload.wait} Trying again.`
  return upload.from > 0 ? `going on from ${fileSizeText(upload.from)}` : ''
}

function LargeUpload({ upload, pause, resume, cancel }: { upload: Upload } & Pick<Props, 'pause' | 'resume' | 'cancel'>) {
  return (
    <li>
      <span className="mono clip" title={upload.path}>
        {upload.path}
      </span>
      <span>
        {fileSizeText(upload.sent)} of {fileSizeText(upload.size)}
      </span>
      <Bar value={(upload.sent / upload.size) * 100} aria-label={`How much of ${upload.path} is uploaded`} />
      <span className={upload.wait === null ? 'dim' : 'tone-waiting'}>{stateOf(upload)}</span>
      <span className={classes.actions}>
        {upload.state === 'paused' ? (
          <Button onClick={() => resume(upload.id)} aria-label={`Go on with ${upload.path}`}>
            Go on
          </Button>
        ) : (
          <Button onClick={() => pause(upload.id)} aria-label={`Pause ${upload.path}`}>
            Pause
          </Button>
        )}
        <Button onClick={() => cancel(upload)} aria-label={`Cancel ${upload.path}`}>
          Cancel
        </Button>
      </span>
    </li>
  )
}

/** What was being sent when the page was left. A browser does not let us read a file again by itself. */
export function UnfinishedUploads({ uploads, onChoose, onCancel }: { uploads: readonly UploadState[]; onChoose: () => void; onCancel: (id: string) => void }) {
  const left = uploads.filter((each) => each.state === 'receiving')
  if (left.length === 0) return null
  return (
    <section className={classes.uploads} aria-label="Unfinished uploads">
      <div style={{ display: 'flex', gap: 10, alignItems: 'center' }}>
        <span style={{ flex: 1 }}>
          {counted(left.length, 'upload')} of yours {left.length === 1 ? 'is' : 'are'} unfinished. Choose the same file in the same folder again, and it goes on where it stopped.
        </span>
        <Button onClick={onChoose}>Choose it again…</Button>
      </div>
      <ul className={classes.large} aria-label="Unfinished files">
        {left.slice(0, kShown).map((each) => (
          <li key={each.id}>
            <span className="mono clip" title={each.path}>
              {each.path}
            </span>
            <span>
              {fileSizeText(each.offset)} of {fileSizeText(each.size_bytes)}
            </span>
            <Button onClick={() => onCancel(each.id)} aria-label={`Cancel ${each.path}`}>
              Cancel
            </Button>
          </li>
        ))}
      </ul>
    </section>
  )
}
