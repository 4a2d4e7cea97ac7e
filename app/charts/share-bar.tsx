interface ShareBarProps {
  /** How much of the bar is filled, 0 to 100. */
  percent: number;
  /** What fills it: a whole class name of `fill`. */
  look: string;
  /** Pixels. */
  height?: number;
  className?: string;
}

/**
 * A bar that is filled from the left. Its size is an attribute of SVG: the server may write no style attribute
 * (app/browser-safety), and a picture needs none.
 */
export function ShareBar({ percent, look, height = 8, className = "bg-slate-100 dark:bg-slate-800" }: ShareBarProps) {
  return (
    <svg aria-hidden height={height} className={`block w-full rounded-full ${className}`}>
      <rect width={`${within(percent)}%`} height="100%" rx={height / 2} className={look} />
    </svg>
  );
}

/** Room before what stands at a share of its row or, in a column, above what stands there: 0 to 100. */
export function Room({ percent, across = false }: { percent: number; across?: boolean }) {
  const size = `${within(percent)}%`;
  return <svg aria-hidden width={across ? 0 : size} height={across ? size : 0} className="shrink-0" />;
}

const within = (percent: number): number => (percent > 0 ? Math.min(100, percent) : 0);
