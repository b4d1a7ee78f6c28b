import { ActionIcon, Button, Textarea } from '@mantine/core'
import { useId, useRef, type ClipboardEvent, type KeyboardEvent } from 'react'
import { Control, type ControlWords } from './control'
import { isUpload, type InputField } from './fields'
import classes from './form.module.css'
import { UploadControl } from './upload-control'
import type { Uploads } from './use-uploads'
import { blankOf, pastedRows, rowFaults, type Typed } from './values'

interface Props {
  field: InputField
  rows: readonly Typed[]
  words: ControlWords
  uploads: Uploads
  onChange: (rows: Typed[]) => void
}

/** Beyond so many rows a list is a text with a value in each line. */
const kRowsMost = 100

/** Values of one type: rows are added, removed, and pasted many at once. */
export function ListControl({ field, rows, words, uploads, onChange }: Props) {
  const id = useId()
  const list = useRef<HTMLFieldSetElement>(null)
  const type = field.listType
  const faults = rowFaults(field, rows)
  const isTyped = type !== 'boolean' && type !== 'select' && !isUpload(type)
  const focusRow = (index: number) => {
    // Once the row is there.
    requestAnimationFrame(() => {
      const all = list.current?.querySelectorAll<HTMLElement>('[data-row]')
      const target = all?.[Math.min(index, all.length - 1)]?.querySelector<HTMLElement>('input:not([type=file]), textarea, button') ?? list.current?.querySelector<HTMLElement>('[data-add]')
      target?.focus()
    })
  }
  const insert = (index: number, ...added: Typed[]) => {
    onChange([...rows.slice(0, index), ...added, ...rows.slice(index)])
    focusRow(index + added.length - 1)
  }
  const remove = (index: number) => {
    onChange(rows.filter((_, each) => each !== index))
    focusRow(Math.max(0, index - 1))
  }
  const onKeyDown = (index: number) => (event: KeyboardEvent<HTMLElement>) => {
    if (event.key === 'Enter' && isTyped && !field.multiline && !event.ctrlKey && !event.metaKey) {
      event.preventDefault()
      insert(index + 1, blankOf(type))
    } else if (event.key === 'Backspace' && isTyped && rows[index] === '') {
      event.preventDefault()
      remove(index)
    }
  }
  const onPaste = (index: number) => (event: ClipboardEvent<HTMLElement>) => {
    const parts = pastedRows(event.clipboardData.getData('text'), type)
    if (parts.length < 2 || field.multiline) return
    event.preventDefault()
    onChange([...rows.slice(0, index), ...parts, ...rows.slice(rows[index] === '' ? index + 1 : index)])
  }
  const name = field.label
  const own = faults.every((fault) => fault === null) ? words.error : null
  return (
    <fieldset className={classes.list} ref={list} aria-describedby={id}>
      <legend className="mantine-InputWrapper-label">
        {words.label}
        {field.required && (
          <span className="tone-bad" aria-hidden="true">
            {' '}
            *
          </span>
        )}
      </legend>
      {rows.length > kRowsMost && isTyped && !field.multiline ? (
        <Textarea aria-label={`${name}, one value in each line`} description={`${rows.length.toLocaleString('en')} values, one in each line`} rows={12} value={rows.map(String).join('\n')} onChange={(event) => onChange(event.currentTarget.value.split('\n'))} error={words.error} spellCheck={false} />
      ) : (
        <div className={classes.rows}>
          {rows.map((row, index) => {
            const own = { 'aria-label': `${name}, value ${index + 1}`, error: faults[index] ?? undefined }
            const set = (typed: Typed) => onChange(rows.map((each, at) => (at === index ? typed : each)))
            return (
              <div key={index} className={classes.row} data-row>
                <span className={classes.number} aria-hidden="true">
                  {index + 1}
                </span>
                {isUpload(type) ? <UploadControl typed={row} words={own} uploads={uploads} onChange={set} /> : <Control field={field} type={type} typed={row} words={own} onChange={set} onKeyDown={onKeyDown(index)} onPaste={onPaste(index)} />}
                <ActionIcon aria-label={`Remove value ${index + 1} of ${name}`} title="Remove" onClick={() => remove(index)}>
                  <span aria-hidden="true">✕</span>
                </ActionIcon>
              </div>
            )
          })}
        </div>
      )}
      <Button data-add aria-invalid={own ? true : undefined} onClick={() => insert(rows.length, blankOf(type))}>
        + Add<span className="visually-hidden"> a value to {name}</span>
      </Button>
      <div id={id}>
        {words.description && <p className={classes.help}>{words.description}</p>}
        {own && rows.length <= kRowsMost && <p className={classes.error}>{own}</p>}
      </div>
    </fieldset>
  )
}
