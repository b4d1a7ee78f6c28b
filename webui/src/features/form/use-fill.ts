import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useCallback, useEffect, useId, useMemo, useState } from 'react'
import { ApiError } from '@/api/error'
import type { EarlierJob } from '@/api/forms'
import { useMe } from '@/api/session'
import type { PlacedFault } from '@/lib/faults'
import { keepForTab, keyOfFilled, readForTab } from '@/lib/kept'
import { renderQuery } from './api'
import { hiddenIn, inputsOf, isUpload, type Field, type InputField } from './fields'
import type { FormTexts } from './form-text'
import { outcomeOf } from './outcome'
import { useUploads } from './use-uploads'
import { faultOf, filledFrom, isOnlyMissing, placeFaults, readFilled, requestOf, shownOf, uploadsIn, type Filled, type FormRequest, type TypedField } from './values'

const kSettleMs = 350

interface Asked {
  request: FormRequest
  texts?: FormTexts
}

function placedAt(field: InputField, filled: Filled, message: string): boolean {
  const ids = [shownOf(field, filled)].flat().flatMap((typed) => (typed !== null && typeof typed === 'object' && typed.id !== null ? [typed.id] : []))
  return ids.some((id) => message.includes(`"${id}"`))
}

/**
 * What somebody fills into a form: kept for the tab, checked at once as far as a browser can know, and shown to the
 * server, which says what is wrong and what would become of it. `texts` are those of a form that is being edited.
 */
export function useFill(project: { id: string }, fields: readonly Field[], texts?: FormTexts, askable = true) {
  const me = useMe()
  const key = keyOfFilled(me.user, project.id)
  const [kept, setKept] = useState(() => ({ ...readFilled(readForTab(key)), lost: [] as string[] }))
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set())
  const [refused, setRefused] = useState<{ request: FormRequest; faults: PlacedFault[] } | null>(null)
  const ids = useId()
  useEffect(() => {
    const { job, filled } = kept
    keepForTab(key, job === null && Object.keys(filled).length === 0 ? null : JSON.stringify({ job, filled }))
  }, [key, kept])

  const { filled, job } = kept
  const change = useCallback((next: (filled: Filled) => Filled) => setKept((before) => ({ ...before, filled: next(before.filled) })), [])
  const uploads = useUploads(project, filled, change)
  const inputs = useMemo(() => inputsOf(fields), [fields])
  const visible = useMemo(() => {
    const hidden = new Set(hiddenIn(fields).map((field) => field.name))
    return inputs.filter((field) => !hidden.has(field.name))
  }, [fields, inputs])

  const local = useMemo(
    () =>
      new Map(
        inputs.flatMap((field): [string, { fault: string; missing: boolean }][] => {
          const typed = shownOf(field, filled)
          const fault = faultOf(field, typed)
          return fault === null ? [] : [[field.name, { fault, missing: isOnlyMissing(field, typed) }]]
        }),
      ),
    [inputs, filled],
  )
  const asked = useMemo((): Asked | null => (local.size > 0 || !askable ? null : { request: requestOf(inputs, filled, job ?? undefined), ...(texts ? { texts } : {}) }), [local, askable, inputs, filled, job, texts])
  // As a text, which stays the same while what it says does.
  const [settled] = useDebouncedValue(JSON.stringify(asked), kSettleMs)
  const sent = useMemo(() => JSON.parse(settled) as Asked | null, [settled])
  const query = useQuery({ ...renderQuery(project, sent?.request ?? { values: {} }, sent?.texts), enabled: sent !== null, placeholderData: keepPreviousData })
  const answer = query.error ? undefined : query.data

  const said = useMemo(() => {
    const outcome = answer && sent && !query.isPlaceholderData ? outcomeOf(answer) : null
    const about = refused ?? (outcome && sent ? { request: sent.request, faults: outcome.stage === 'values' ? outcome.faults : [] } : null)
    if (!about) return { at: {} as Record<string, string>, others: [] as PlacedFault[] }
    // What was said of a value that has changed since is said again if it is still true.
    const now = requestOf(inputs.filter((field) => !local.has(field.name)), filled, job ?? undefined)
    const same = (name: string) => JSON.stringify([about.request.values[name], about.request.texts?.[name]]) === JSON.stringify([now.values[name], now.texts?.[name]])
    const placed = placeFaults(about.faults, visible.map((field) => field.name))
    for (const field of visible) {
      if ((isUpload(field.type) || isUpload(field.type === 'list' ? field.listType : field.type)) && outcome?.stage === 'template' && placedAt(field, filled, outcome.message)) placed.at[field.name] = 'the file is not there any more; send it again'
    }
    return { at: Object.fromEntries(Object.entries(placed.at).filter(([name]) => same(name))), others: placed.others }
  }, [answer, sent, query.isPlaceholderData, refused, inputs, local, filled, job, visible])

  return {
    ids,
    fields,
    inputs,
    visible,
    filled,
    job,
    lost: kept.lost,
    changed: visible.filter((field) => field.name in filled && JSON.stringify(shownOf(field, filled)) !== JSON.stringify(shownOf(field, {}))).length,
    uploads,
    busy: uploadsIn(filled).some((upload) => upload.id === null && upload.fault === undefined),
    /** Fields that must be filled in and are not. */
    missing: visible.filter((field) => local.get(field.name)?.missing),
    /** Fields out of sight that no visitor can mend. */
    stuck: inputs.filter((field) => local.has(field.name) && !visible.includes(field)),
    wrong: visible.filter((field) => local.has(field.name) || field.name in said.at),
    others: said.others,
    query,
    answer,
    request: asked?.request ?? null,
    set: (name: string, typed: TypedField) => {
      setRefused(null)
      change((before) => ({ ...before, [name]: typed }))
    },
    touch: (names: readonly string[]) => setTouched((before) => (names.every((name) => before.has(name)) ? before : new Set([...before, ...names]))),
    faultAt: (field: InputField): string | null => {
      const own = local.get(field.name)
      if (own) return own.missing && !touched.has(field.name) ? null : own.fault
      return said.at[field.name] ?? null
    },
    /** What a refusal says of values goes to their fields. */
    refuse: (error: unknown, request: FormRequest) => setRefused(error instanceof ApiError ? { request, faults: error.details } : null),
    /** As the form says; what was there can be put back. */
    reset: () => {
      const before = kept
      setKept({ job: null, filled: {}, lost: [] })
      setTouched(new Set())
      setRefused(null)
      return () => setKept(before)
    },
    /** Fills in what an earlier job was built with. */
    fillFrom: (earlier: EarlierJob) => {
      const { filled: values, lost } = filledFrom(inputs, earlier.values, (id) => earlier.files[id] ?? `a file of ${earlier.name}`)
      setKept({ job: earlier.id, filled: values, lost })
      setTouched(new Set())
      setRefused(null)
    },
  }
}

export type Fill = ReturnType<typeof useFill>

/** The part of the page where a field stands. */
export function placeOf(fill: Pick<Fill, 'ids'>, field: InputField): string {
  return `${fill.ids}${field.name}`
}

/** Leads to the first field that is wrong. */
export function goToWrong(fill: Fill) {
  const [first] = fill.wrong
  if (first) document.getElementById(placeOf(fill, first))?.querySelector<HTMLElement>('[aria-invalid="true"], input:not([type=file]), textarea, button')?.focus()
}
