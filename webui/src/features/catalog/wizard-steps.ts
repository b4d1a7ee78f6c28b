/** The steps of an installation, in their order. */
export const kSteps = ['name', 'config', 'values', 'install'] as const
export type Step = (typeof kSteps)[number]

export const kStepNames: Record<Step, string> = { name: 'Application', config: 'Configuration', values: 'Values', install: 'Install' }
