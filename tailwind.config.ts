import forms from "@tailwindcss/forms";
import headlessui from "@headlessui/tailwindcss";
import type { Config } from "tailwindcss";
import colors from "tailwindcss/colors";

/** The colours that Tremor's charts take by name at run time; the palette is told apart by colour-blind people too. */
const chartHues = "(blue|amber|emerald|slate|cyan|rose|violet)";

/** How long a stretch of a painted day can be (app/contracts/week-grid), in its quarter-hours. */
const quartersOfDay = Array.from({ length: 96 }, (_, i) => i + 1);

export default {
  content: ["./app/**/*.{ts,tsx}", "./node_modules/@tremor/**/*.{js,ts,jsx,tsx}"],
  darkMode: "class",
  theme: {
    transparent: "transparent",
    current: "currentColor",
    extend: {
      gridColumn: Object.fromEntries(quartersOfDay.map((n) => [`span-${n}`, `span ${n}`])),
      keyframes: { pending: { from: { transform: "translateX(-100%)" }, to: { transform: "translateX(400%)" } } },
      animation: { pending: "pending 1.2s ease-in-out infinite" },
      fontFamily: {
        sans: ["Inter", "system-ui", "-apple-system", "Segoe UI", "Roboto", "Liberation Sans", "sans-serif"],
      },
      colors: {
        tremor: {
          brand: {
            faint: colors.emerald[50],
            muted: colors.emerald[200],
            subtle: colors.emerald[400],
            DEFAULT: colors.emerald[600],
            emphasis: colors.emerald[700],
            inverted: colors.white,
          },
          background: {
            muted: colors.slate[50],
            subtle: colors.slate[100],
            DEFAULT: colors.white,
            emphasis: colors.slate[700],
          },
          border: { DEFAULT: colors.slate[200] },
          ring: { DEFAULT: colors.slate[200] },
          content: {
            subtle: colors.slate[500],
            DEFAULT: colors.slate[600],
            emphasis: colors.slate[700],
            strong: colors.slate[900],
            inverted: colors.white,
          },
        },
        // Brighter than Tremor's own, which fail the contrast check on dark.
        "dark-tremor": {
          brand: {
            faint: "#04201a",
            muted: colors.emerald[950],
            subtle: colors.emerald[800],
            DEFAULT: colors.emerald[500],
            emphasis: colors.emerald[400],
            inverted: colors.emerald[950],
          },
          background: {
            muted: "#131A2B",
            subtle: colors.slate[800],
            DEFAULT: colors.slate[900],
            emphasis: colors.slate[300],
          },
          border: { DEFAULT: colors.slate[800] },
          ring: { DEFAULT: colors.slate[800] },
          content: {
            subtle: colors.slate[400],
            DEFAULT: colors.slate[300],
            emphasis: colors.slate[200],
            strong: colors.slate[50],
            inverted: colors.slate[950],
          },
        },
      },
      boxShadow: {
        "tremor-input": "0 1px 2px 0 rgb(0 0 0 / 0.05)",
        "tremor-card": "0 1px 3px 0 rgb(0 0 0 / 0.1)",
        "tremor-dropdown": "0 4px 6px -1px rgb(0 0 0 / 0.1)",
        "dark-tremor-input": "0 1px 2px 0 rgb(0 0 0 / 0.05)",
        "dark-tremor-card": "0 1px 3px 0 rgb(0 0 0 / 0.1)",
        "dark-tremor-dropdown": "0 4px 6px -1px rgb(0 0 0 / 0.1)",
      },
      borderRadius: { "tremor-small": "0.375rem", "tremor-default": "0.5rem", "tremor-full": "9999px" },
      fontSize: {
        "tremor-label": ["0.75rem", { lineHeight: "1rem" }],
        "tremor-default": ["0.875rem", { lineHeight: "1.25rem" }],
        "tremor-title": ["1.125rem", { lineHeight: "1.75rem" }],
        "tremor-metric": ["1.875rem", { lineHeight: "2.25rem" }],
      },
    },
  },
  safelist: [
    ...["bg", "text", "stroke", "fill"].map((property) => ({
      pattern: new RegExp(`^${property}-${chartHues}-(400|500)$`),
    })),
    ...quartersOfDay.map((n) => `col-span-${n}`),
  ],
  plugins: [headlessui, forms],
} satisfies Config;
