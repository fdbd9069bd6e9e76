import { CopyOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useState } from 'react';
import { useKitWords } from './kit.words.js';

/** Copies a text. Browsers allow that on HTTPS and this machine alone; elsewhere there is no button. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const say = useKitWords();
  const [copied, setCopied] = useState<string>();
  if (!navigator.clipboard) return null;
  const copy = () => void navigator.clipboard.writeText(text).then(() => setCopied(text));
  return (
    <>
      <Button size="small" icon={<CopyOutlined />} aria-label={`${say('copy')}: ${label}`} onClick={copy}>
        {say('copy')}
      </Button>
      <span role="status" className="copied">
        {copied === text && say('copied')}
      </span>
    </>
  );
}
