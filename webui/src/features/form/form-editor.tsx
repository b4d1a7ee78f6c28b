import { Button } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { ApiError } from '@/api/error'
import { formQuery, type Form } from '@/api/forms'
import { projectQuery, type ProjectFull } from '@/api/projects'
import { useMe } from '@/api/session'
import { lineOf, parseText } from '@/lib/document-text'
import { marksOf, stepsOf, type PlacedFault } from '@/lib/faults'
import { keepForTab, readForTab } from '@/lib/kept'
import { counted } from '@/lib/quantity'
import { CodeEditor } from '@/ui/code-editor'
import { FaultList } from '@/ui/fault-list'
import { LeaveGuard } from '@/ui/leave-guard'
import { ErrorPanel } from '@/ui/panel'
import { sayDone, sayFailed } from '@/ui/toast'
import { saveForm } from './api'
import { baseOf, following, freshDraft, isConflict, isDirty, keyOf, readDraft, type Draft } from './draft'
import { hiddenIn, inputsOf, readFields, type Field } from './fields'
import { FormFields } from './form-fields'
import classes from './form.module.css'
import { textsOf, type FormTexts } from './form-text'
import { marked, outcomeOf } from './outcome'
import { BuildForecast, RenderedTask } from './rendered-task'
import { useFill } from './use-fill'

interface Props {
  project: ProjectFull
  form: Form
  /** What to begin with instead of what is saved. */
  start: FormTexts | null
  onClose: () => void
}

interface Faults {
  form: PlacedFault[]
  template: PlacedFault[]
}

/** Faults of a document that was refused, as places of the two texts it is made of. */
function placed(error: ApiError, texts: FormTexts): Faults {
  const faults: Faults = { form: [], template: [] }
  for (const fault of error.details) {
    const steps = stepsOf(fault.path)
    const at = /line (\d+), column (\d+)[^:]*: /.exec(fault.message)
    if (steps[0] === 'form') faults.form.push({ ...fault, line: lineOf(texts.form, steps.slice(1)), column: null })
    else if (steps[0] === 'form_template') faults.template.push({ path: '', message: at ? fault.message.slice(at.index + at[0].length) : fault.message, line: at ? Number(at[1]) : null, column: at ? Number(at[2]) : null })
  }
  return faults
}

/** Form and template as texts, beside what they come to. */
export function FormEditor({ project, form, start, onClose }: Props) {
  const me = useMe()
  const client = useQueryClient()
  const key = keyOf(me.user, project.id)
  const saved = useMemo(() => textsOf(project, { form: form.text, template: form.template }), [project, form])
  const [held, setHeld] = useState((): Draft => {
    const fresh = freshDraft(project, saved)
    return start ? { ...fresh, texts: start } : (readDraft(readForTab(key)) ?? fresh)
  })
  // Both answers must be of the same moment.
  const draft = form.revision === project.revision ? following(held, project, saved) : held
  if (draft !== held) setHeld(draft)
  const latest = useRef(draft)
  useEffect(() => {
    latest.current = draft
    keepForTab(key, isDirty(draft) ? JSON.stringify(draft) : null)
  }, [draft, key])
  const change = useCallback((next: (draft: Draft) => Draft) => {
    latest.current = next(latest.current)
    setHeld(latest.current)
  }, [])
  const { texts } = draft
  const dirty = isDirty(draft)
  const setForm = useCallback((text: string) => change((before) => ({ ...before, texts: { ...before.texts, form: text } })), [change])
  const setTemplate = useCallback((text: string) => change((before) => ({ ...before, texts: { ...before.texts, template: text } })), [change])

  const parsed = useMemo(() => parseText(texts.form), [texts.form])
  const broken = parsed.faults.length > 0
  // While the text is no YAML, the form looks as it did.
  const [good, setGood] = useState(broken ? '' : texts.form)
  if (!broken && good !== texts.form) setGood(texts.form)
  const fields = useMemo(() => readFields(good), [good])
  const fill = useFill(project, fields, texts, !broken)
  const [refused, setRefused] = useState<{ texts: FormTexts; faults: Faults } | null>(null)
  const [failure, setFailure] = useState<unknown>(null)
  const [busy, setBusy] = useState(false)
  const [reveal, setReveal] = useState<{ form: { line: number } | null; template: { line: number } | null }>({ form: null, template: null })

  const { answer } = fill
  const faults = useMemo((): Faults => {
    if (broken) return { form: parsed.faults.map((fault) => ({ ...fault, path: '' })), template: [] }
    if (refused?.texts === texts) return refused.faults
    const outcome = answer ? outcomeOf(answer) : null
    return { form: outcome?.stage === 'form' ? marked(outcome) : [], template: outcome?.stage === 'template' ? marked(outcome) : [] }
  }, [broken, parsed, refused, texts, answer])
  const formMarks = useMemo(() => marksOf(faults.form), [faults.form])
  const templateMarks = useMemo(() => marksOf(faults.template), [faults.template])
  const count = faults.form.length + faults.template.length

  /** Whether it was saved; why not is shown. Saves over somebody else's form only when asked to. */
  const save = async (over = false): Promise<boolean> => {
    const { texts: sent, base } = latest.current
    if (!isDirty(latest.current) && !over) return true
    setBusy(true)
    setFailure(null)
    try {
      let onto = project
      let made
      try {
        made = await saveForm(onto, sent)
      } catch (error) {
        if (!(error instanceof ApiError && error.isConflict)) throw error
        // Somebody may have changed something else of the project: that is no conflict.
        onto = await client.fetchQuery({ ...projectQuery(project.name), staleTime: 0 })
        if (!over && baseOf(onto) !== base) return false
        made = await saveForm(onto, sent)
      }
      const now = made.project
      change((before) => ({ base: baseOf(now), saved: sent, texts: before.texts }))
      setRefused(null)
      client.setQueryData(projectQuery(now.name).queryKey, now)
      void client.invalidateQueries({ queryKey: formQuery(now.name).queryKey })
      return true
    } catch (error) {
      const at = error instanceof ApiError ? placed(error, sent) : null
      if (at && at.form.length + at.template.length > 0) setRefused({ texts: latest.current.texts, faults: at })
      else setFailure(error)
      return false
    } finally {
      setBusy(false)
    }
  }
  const saveAndSay = async () => {
    const before = latest.current.saved
    if (busy || broken || !isDirty(latest.current) || !(await save())) return
    sayDone('The form is saved.', async () => {
      change((now) => ({ ...now, texts: before }))
      if (!(await save())) sayFailed('The form as it was could not be saved', new Error('Save it again where you edit it.'))
    })
  }
  const discard = () => {
    const before = latest.current
    change(() => freshDraft(project, saved))
    setRefused(null)
    setFailure(null)
    sayDone('Your changes are discarded.', () => change(() => before))
  }
  useHotkeys([['mod+S', () => void saveAndSay()]], [])

  return (
    <>
      <div className={classes.bar}>
        <div className={classes.what}>
          <span style={{ fontWeight: 600 }}>Form and template</span>
          <span className="dim" aria-live="polite">
            {dirty ? 'not saved' : 'saved'}
            {count > 0 && <span className="tone-bad"> · ✕ {counted(count, 'fault')}</span>}
          </span>
        </div>
        {dirty && <Button onClick={discard}>Discard</Button>}
        <Button variant="filled" onClick={() => void saveAndSay()} disabled={!dirty || broken} loading={busy}>
          Save
        </Button>
        <Button onClick={onClose}>Close editor</Button>
      </div>
      {failure !== null && (
        <div className={classes.notice}>
          <ErrorPanel error={failure} what="The form was not saved" onRetry={() => void saveAndSay()} />
        </div>
      )}
      {isConflict(draft, project) && (
        <div role="alert" className={classes.bar} style={{ background: 'var(--waiting-soft)' }}>
          <span className="tone-waiting" aria-hidden="true">
            ▲
          </span>
          Somebody else saved another form meanwhile.
          <Button onClick={() => void save(true).then((done) => done && sayDone('Saved over theirs.'))}>Save mine over it</Button>
          <Button onClick={discard}>Take theirs</Button>
        </div>
      )}
      <div className={classes.editor}>
        <Text title="Form" label="Form in YAML" value={texts.form} onChange={setForm} onSave={saveAndSay} faults={faults.form} marks={formMarks} reveal={reveal.form} onReveal={(line) => setReveal((before) => ({ ...before, form: { line } }))} />
        <Text title="Execution template" label="Execution template" value={texts.template} onChange={setTemplate} onSave={saveAndSay} faults={faults.template} marks={templateMarks} reveal={reveal.template} onReveal={(line) => setReveal((before) => ({ ...before, template: { line } }))} />
        <section className={classes.cell} aria-label="How the form looks">
          <h2 className={classes.title}>
            How it looks <Hidden fields={fields} />
          </h2>
          <div className={classes.look} tabIndex={0} role="region" aria-label="The form">
            {inputsOf(fields).length === 0 ? <p className="dim">Its fields are shown here.</p> : <FormFields fields={fields} fill={fill} />}
          </div>
        </section>
        <section className={classes.cell} aria-label="What it makes">
          <RenderedTask fill={fill} forOwner />
          {count === 0 && !broken && <BuildForecast fill={fill} />}
        </section>
      </div>
      <LeaveGuard kept isDirty={() => isDirty(latest.current)} onSave={() => save()} onDiscard={() => change(() => freshDraft(project, saved))} />
    </>
  )
}

function Hidden({ fields }: { fields: readonly Field[] }) {
  const hidden = hiddenIn(fields)
  if (hidden.length === 0) return null
  return (
    <span className="dim clip" style={{ fontWeight: 400 }} title={hidden.map((field) => field.name).join(', ')}>
      without {hidden.map((field) => field.name).join(', ')}, hidden
    </span>
  )
}

interface TextProps {
  title: string
  label: string
  value: string
  onChange: (text: string) => void
  onSave: () => Promise<void>
  faults: PlacedFault[]
  marks: ReturnType<typeof marksOf>
  reveal: { line: number } | null
  onReveal: (line: number) => void
}

function Text({ title, label, value, onChange, onSave, faults, marks, reveal, onReveal }: TextProps) {
  return (
    <section className={classes.cell} aria-label={title}>
      <h2 className={classes.title}>{title}</h2>
      <div className={classes.code}>
        <CodeEditor label={label} language="yaml" value={value} onChange={onChange} faults={marks} onSave={() => void onSave()} reveal={reveal} />
      </div>
      {faults.length > 0 && (
        <div className={classes.faults}>
          <FaultList faults={faults} onPlace={(fault) => fault.line !== null && onReveal(fault.line)} />
        </div>
      )}
    </section>
  )
}
