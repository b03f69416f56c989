import { spawnTool } from './processes.ts';

spawnTool('@biomejs/biome', ['check', '--write', '.'], { stdio: 'inherit' }).on('exit', (code) =>
  process.exit(code ?? 1),
);
