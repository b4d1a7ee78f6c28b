import { createTheme, type MantineColorsTuple, type CSSVariablesResolver } from '@mantine/core'

const accent: MantineColorsTuple = [
  '#eef0ff',
  '#dadefb',
  '#b7bef4',
  '#929dee',
  '#7280e8',
  '#5e6ee5',
  '#4453c4',
  '#3b48ae',
  '#323f9b',
  '#273488',
]

/** Mantine's parts in our size and colours: 13 px, rows of 30 px, borders instead of shadows. */
export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: { light: 6, dark: 6 },
  colors: { accent },
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif",
  fontFamilyMonospace: 'var(--font-mono)',
  fontSizes: { xs: '11px', sm: '12px', md: '13px', lg: '15px', xl: '18px' },
  headings: {
    fontWeight: '600',
    sizes: { h1: { fontSize: '18px' }, h2: { fontSize: '15px' }, h3: { fontSize: '13px' }, h4: { fontSize: '13px' } },
  },
  defaultRadius: 4,
  cursorType: 'pointer',
  shadows: { xs: 'none', sm: 'none', md: '0 4px 16px rgb(0 0 0 / 18%)', lg: '0 4px 16px rgb(0 0 0 / 18%)', xl: '0 4px 16px rgb(0 0 0 / 18%)' },
  components: {
    Button: { defaultProps: { size: 'compact-sm', variant: 'default' } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray', size: 'md' } },
    TextInput: { defaultProps: { size: 'xs' } },
    PasswordInput: { defaultProps: { size: 'sm' } },
    NumberInput: { defaultProps: { size: 'xs' } },
    Textarea: { defaultProps: { size: 'xs' } },
    Autocomplete: { defaultProps: { size: 'xs' } },
    Select: { defaultProps: { size: 'xs' } },
    MultiSelect: { defaultProps: { size: 'xs' } },
    TagsInput: { defaultProps: { size: 'xs' } },
    Checkbox: { defaultProps: { size: 'xs' } },
    Switch: { defaultProps: { size: 'xs' } },
    SegmentedControl: { defaultProps: { size: 'xs' } },
    Menu: { defaultProps: { shadow: 'md' } },
    Modal: { defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.4 }, closeButtonProps: { 'aria-label': 'Close' } } },
    Drawer: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
    Notification: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
    Tooltip: { defaultProps: { openDelay: 300, withArrow: true } },
  },
})

// The kit's own greys have no blue in them, and would stand out as brown in fields, menus and choices.
const kGreys = {
  '--mantine-color-dark-5': 'var(--surface-hover)',
  '--mantine-color-dark-6': 'var(--surface-raised)',
  '--mantine-color-dark-8': 'var(--surface-raised)',
}

/** Mantine's colours from our tokens, so that there is one table. */
export const variables: CSSVariablesResolver = () => {
  const both = {
    '--mantine-color-body': 'var(--surface)',
    '--mantine-color-text': 'var(--text)',
    '--mantine-color-dimmed': 'var(--text-dim)',
    '--mantine-color-default-border': 'var(--line)',
    '--mantine-color-error': 'var(--bad)',
    '--mantine-color-anchor': 'var(--accent)',
    '--mantine-color-placeholder': 'var(--text-dim)',
    '--input-bd': 'var(--line-strong)',
  }
  return { variables: {}, light: { ...both, '--mantine-color-default': '#ffffff' }, dark: { ...both, ...kGreys, '--mantine-color-default': 'var(--surface-raised)' } }
}
