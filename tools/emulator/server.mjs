// Runs one emulated board for a program at the other end of stdin and stdout, a line of JSON at a time. A command is
// an object and gets one answer. In between, whatever happens on the I2C bus comes as an array that begins with the
// event's name and the time in us, and (but for `stop`) the emulated chip waits until its answer is there.
import fs from 'node:fs';
import { Pico } from './pico.mjs';
import { ask, receive, send } from './wire.mjs';

let pico = null;

const devices = {
  start: (address, read) => ask(['start', pico.nowUs, address, Number(read)]),
  write: (byte) => ask(['write', pico.nowUs, byte]) === 1,
  read: () => ask(['read', pico.nowUs]),
  stop: () => send(['stop', pico.nowUs]),
  clocked: () => ask(['clocked', pico.nowUs]) === 1,
};

const commands = {
  open({ flash, rom, i2c, plugged }) {
    pico = new Pico({ flash: fs.readFileSync(flash), rom: fs.readFileSync(rom), devices, i2c });
    pico.plugged = plugged;
  },
  on: ({ at_us }) => pico.start(at_us),
  off: () => pico.stop(),
  run({ until_us }) {
    pico.run(until_us);
    return {
      us: pico.nowUs,
      printed: Buffer.from(pico.usb.take()).toString('latin1'),
      edges: pico.pins.take(),
      resets: pico.resets.splice(0),
      bus_us: pico.bus.busyNs / 1000,
      asleep_us: pico.asleepNs / 1000,
      dozed_us: pico.dozedNs / 1000,
    };
  },
  hold: ({ pin, level }) => pico.pins.hold(pin, level),
  adc: ({ channel, value }) => { pico.mcu.adc.channelValues[channel] = value; },
  plug: () => pico.plug(),
  type: ({ text }) => pico.usb.type(Buffer.from(text, 'latin1')),
  flash: ({ file }) => fs.writeFileSync(file, pico.flash),
  paint: () => pico.paintStack(),
  stack: () => pico.stackUsed,
};

for (;;) {
  const { do: name, ...args } = receive();
  try {
    send({ ok: commands[name](args) ?? null });
  } catch (error) {
    send({ error: String(error.stack ?? error) });
  }
}
