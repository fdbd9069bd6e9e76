import type { EChartsCoreOption } from 'echarts/core';
import type { ChartProps } from './chart.js';

/** Each 3:1 or more to white, and apart from each other in lightness too (WCAG 2.2, 1.4.11); patterns and marks tell them apart without colour. */
export const COLOURS = ['#0b4f9e', '#b35900', '#1a6b2f', '#8a1c7c', '#006d77', '#a31313', '#5b5f97', '#6b5b00'] as const;
const DASHES = ['solid', 'dashed', 'dotted'] as const;
const MARKS = ['circle', 'rect', 'triangle', 'diamond', 'pin', 'arrow', 'roundRect'] as const;

export function optionOf({ title, kind, stacked, labels, series }: Omit<ChartProps, 'heading'>): EChartsCoreOption {
  return {
    animation: false,
    color: [...COLOURS],
    aria: { enabled: true, label: { description: title }, decal: { show: kind === 'bar' && series.length > 1 } },
    // Not HTML, which the policy of the page would keep from styling itself.
    tooltip: { trigger: 'axis', renderMode: 'richText', confine: true },
    legend: { type: 'scroll', bottom: 0, textStyle: { color: '#1b1f24' } },
    grid: { left: 8, right: 16, top: 16, bottom: 36, containLabel: true },
    xAxis: { type: 'category', data: [...labels], axisLabel: { color: '#4a5159', hideOverlap: true } },
    yAxis: { type: 'value', minInterval: 1, axisLabel: { color: '#4a5159' }, splitLine: { lineStyle: { color: '#e6e9ed' } } },
    series: series.map(({ name, values }, at) => ({
      name,
      type: kind,
      data: [...values],
      ...(kind === 'bar'
        ? { barMaxWidth: 36, ...(stacked && { stack: 'all' }) }
        : { symbol: MARKS[at % MARKS.length], symbolSize: 7, lineStyle: { width: 2, type: DASHES[at % DASHES.length] } }),
    })),
  };
}
