import { mount } from 'svelte';
import App from '../../app/App.svelte';
import { AppModel } from '../../app/views/shared/app-model.svelte.ts';
import '../../app/views/shared/theme.css';
import { fakeParts } from './parts.ts';

const app = new AppModel(fakeParts, window);
mount(App, { target: document.getElementById('app')!, props: { app } });
void app.start();
