import { parseEnvFile } from './env-file.js';

it('reads KEY=value lines', () => {
  const text =
    '# who\nSOMA_A=1\n\nexport SOMA_B="two words"\nSOMA_C=redis://u:p=w@h/0 \r\nnonsense\nSOMA_D=\n';
  expect(parseEnvFile(text)).toEqual({
    SOMA_A: '1',
    SOMA_B: 'two words',
    SOMA_C: 'redis://u:p=w@h/0',
    SOMA_D: '',
  });
});
