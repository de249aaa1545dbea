import { preset } from '../../jest.preset.mjs';

export default preset('feed-client');
