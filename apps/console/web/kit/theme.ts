import type { ThemeConfig } from 'antd';

/** Every pair of colours that text is set in has a contrast of 4.5 or more (WCAG 2.2, 1.4.3); fonts are those of the reader's system. */
export const theme: ThemeConfig = {
  cssVar: { key: 'attesta' },
  token: {
    colorPrimary: '#0b4f9e',
    colorLink: '#0b4f9e',
    colorLinkHover: '#083b76',
    colorInfo: '#0b4f9e',
    colorSuccess: '#1a6b2f',
    colorWarning: '#8a4b00',
    colorError: '#b01818',
    colorText: '#1b1f24',
    colorTextSecondary: '#4a5159',
    colorTextTertiary: '#555c64',
    colorTextDescription: '#4a5159',
    colorTextPlaceholder: '#636a72',
    colorTextDisabled: '#636a72',
    colorBgLayout: '#f6f7f9',
    borderRadius: 6,
    fontSize: 15,
    fontFamily: "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'Noto Sans Thai', 'Leelawadee UI', 'Sukhumvit Set', sans-serif",
    fontFamilyCode: "ui-monospace, 'SF Mono', 'Cascadia Mono', 'DejaVu Sans Mono', monospace",
    motion: false,
  },
  components: { Layout: { headerBg: '#0b2e59', headerColor: '#ffffff' } },
};
