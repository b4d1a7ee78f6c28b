import { Button, Input } from '@mantine/core'
import { useId, useRef, useState } from 'react'
import { bytesText } from '@/lib/quantity'
import type { ControlWords } from './control'
import classes from './form.module.css'
import type { Uploads } from './use-uploads'
import type { Typed, Upload } from './values'

interface Props {
  typed: Typed
  words: ControlWords
  uploads: Uploads
  onChange: (typed: Typed) => void
}

/** A file that is sent as soon as it is chosen; how far it is, and what it was. */
export function UploadControl({ typed, words, uploads, onChange }: Props) {
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  const [over, setOver] = useState(false)
  const upload = typed !== null && typeof typed === 'object' ? typed : null
  const name = words['aria-label']
  const take = (files: FileList | null) => {
    const file = files?.[0]
    if (file) onChange(uploads.begin(file))
  }
  const choose = () => input.current?.click()
  return (
    <Input.Wrapper id={id} label={words.label} description={words.description} error={words.error ?? upload?.fault} withAsterisk={words.required ?? false} inputWrapperOrder={['label', 'input', 'description', 'error']}>
      <div
        className={classes.drop}
        {...(over ? { 'data-over': true } : {})}
        {...(upload ? { 'data-full': true } : {})}
        onDragOver={(event) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault()
          setOver(false)
          take(event.dataTransfer.files)
        }}
      >
        <input
          ref={input}
          type="file"
          hidden
          data-testid="form-file"
          onChange={(event) => {
            take(event.currentTarget.files)
            // The same file can be chosen again.
            event.currentTarget.value = ''
          }}
        />
        {upload && <FileText upload={upload} sent={uploads.sent[upload.token] ?? 0} />}
        <Button id={id} aria-label={name && `Choose a file for ${name}`} aria-invalid={words.error ? true : undefined} onClick={choose}>
          {upload ? 'Replace' : 'Choose a file'}
        </Button>
        {!upload && <span className="dim">or drop it here</span>}
        {upload?.fault !== undefined && uploads.canRetry(upload.token) && <Button onClick={() => uploads.retry(upload.token)}>Try again</Button>}
        {upload && (
          <Button aria-label={`Remove ${upload.name}`} onClick={() => onChange(null)}>
            {upload.id === null && upload.fault === undefined ? 'Stop' : 'Remove'}
          </Button>
        )}
      </div>
    </Input.Wrapper>
  )
}

function FileText({ upload, sent }: { upload: Upload; sent: number }) {
  const size = upload.size ?? 0
  const sending = upload.id === null && upload.fault === undefined
  const share = size > 0 ? Math.min(100, Math.floor((sent / size) * 100)) : 0
  return (
    <>
      <span className={`${classes.file} clip`} title={upload.name}>
        {upload.id !== null && (
          <span className="tone-good" role="img" aria-label="sent">
            ✓{' '}
          </span>
        )}
        <bdi>{upload.name}</bdi>
      </span>
      {upload.size !== null && <span className="dim">{sending ? `${bytesText(Math.min(sent, size))} of ${bytesText(size)}` : bytesText(size)}</span>}
      {sending && (
        <span className={classes.progress} role="progressbar" aria-label={`Sending ${upload.name}`} aria-valuemin={0} aria-valuemax={100} aria-valuenow={share} style={{ order: 1 }}>
          <span style={{ width: `${share}%` }} />
        </span>
      )}
    </>
  )
}
