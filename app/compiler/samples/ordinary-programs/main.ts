import './events-and-queue.ts';
import './generators.ts';
import './generics.ts';
import './lru-cache.ts';
import './matrix.ts';
import './state-machine.ts';
import './tokenizer-and-parser.ts';
