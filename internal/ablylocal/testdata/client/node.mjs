// The walk in Node: each fact is one line of JSON on stdout.
//
// usage: node node.mjs '{"host": …, "port": …, "authUrl": …, "key": …, "format": "json" | "msgpack"}'
import * as Ably from 'ably';
import { walk } from './walk.mjs';

await walk(Ably, JSON.parse(process.argv[2]), (fact) => console.log(JSON.stringify(fact)));
process.exit(0); // the client's timers would keep the process for ten seconds
