import { configure } from 'radio';
const options = { channel: 1 };
configure(options);
