// The emulator package, found where the set-up installs it: in tools/node, beside the lock that pins it.
import { createRequire } from 'node:module';

const load = createRequire(new URL('../node/package.json', import.meta.url));

export const { ConsoleLogger, GPIOPinState, LogLevel, Simulator, USBCDC } = load('rp2040js');
