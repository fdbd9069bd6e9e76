import { BarChart, LineChart } from 'echarts/charts';
import { AriaComponent, GridComponent, LegendComponent, LegendScrollComponent, TooltipComponent } from 'echarts/components';
import { init, use as register, type EChartsType } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useEffect, useRef } from 'react';
import type { Language } from '../kit/words.js';
import { optionOf } from './chart-option.js';
import type { ChartProps } from './chart.js';

register([BarChart, LineChart, AriaComponent, GridComponent, LegendComponent, LegendScrollComponent, TooltipComponent, CanvasRenderer]);

/** Draws on a canvas as wide as there is room; drawn anew when the data, the language or the room changes. */
export default function ChartCanvas({ language, ...props }: Omit<ChartProps, 'heading'> & { language: Language }) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType>(undefined);
  useEffect(() => {
    const drawn = init(box.current);
    chart.current = drawn;
    const observer = new ResizeObserver(() => drawn.resize());
    observer.observe(box.current!);
    return () => {
      observer.disconnect();
      drawn.dispose();
    };
  }, []);
  // By what is drawn, not by which object says so.
  const drawing = JSON.stringify([props, language]);
  useEffect(() => {
    const [asked] = JSON.parse(drawing) as [Omit<ChartProps, 'heading'>];
    chart.current!.setOption(optionOf(asked), { notMerge: true });
  }, [drawing]);
  return <div className="chart" role="img" aria-label={props.title} ref={box} />;
}
