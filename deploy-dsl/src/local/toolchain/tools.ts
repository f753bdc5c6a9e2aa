import type { Wanted } from './version.ts';

/** One program of the stack, and every way to have it. */
export interface Tool {
  /** Of the program, as jobs and agents call it. */
  name: string;
  /** What is taken when it is found on this machine. */
  wanted: Wanted;
  /** Prints the version; null: the program cannot be asked. */
  versionArgs: string[] | null;
  /** Where the program may be although PATH does not have it. */
  folders: string[];
  source: Pinned | Packaged | Compiled | Bundled;
}

/** Exactly this version: the vendor's release, else built from Go modules by the recipe in `toolchain/<name>/`. */
export interface Pinned {
  kind: 'pinned';
  version: string;
  /** SHA-256 of the vendor's zip for Linux, as the vendor publishes them with the release and in its Homebrew tap. */
  sha256: Record<Architecture, string>;
  /** Size of the program, in bytes, to tell beforehand. */
  bytes: number;
  /** Minutes that the build took on two cores, to tell beforehand. */
  buildMinutes: number;
}

/** Whatever version the distribution has, as long as it is wanted. */
export interface Packaged {
  kind: 'packaged';
  /** Names in Debian and Ubuntu. */
  packages: string[];
  /** Installed where the distribution has them. */
  optional: string[];
}

/** Exactly this version, from the source that a registry has, by the recipe in `toolchain/<name>/`. */
export interface Compiled {
  kind: 'compiled';
  version: string;
  /** What the compiler needs of the distribution; names in Debian and Ubuntu. */
  packages: string[];
  /** Minutes that the build took on two cores, to tell beforehand. */
  buildMinutes: number;
  standIn: StandIn;
}

/**
 * Belongs to an npm package of a service, in exactly its version: the vendor's release, else built from the source in the
 * package by the recipe in `toolchain/<name>/`.
 */
export interface Bundled {
  kind: 'bundled';
  version: string;
  /** Digest of the recipe: what another one has built is not taken. */
  recipe: string;
  /** Folder of the npm package, absolute. */
  packageFolder: string;
  /** What the build needs of the distribution; names in Debian and Ubuntu. */
  packages: string[];
  /** Minutes that the build took on two cores, to tell beforehand. */
  buildMinutes: number;
}

/** The distribution's program, where the wanted version cannot be built. */
export interface StandIn extends Omit<Packaged, 'kind'> {
  /** What is taken. */
  wanted: Wanted;
  /** What is worse with it, for people: a sentence without its full stop. */
  costs: string;
}

/** In the words of Go and of the vendor's file names. */
export type Architecture = 'amd64' | 'arm64';

/** Where distributions put programs. */
export const system = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin'];

/** Those that every stack needs. */
export const tools: readonly Tool[] = [
  {
    name: 'consul',
    wanted: { atLeast: '1.22', below: 2 },
    versionArgs: ['version'],
    folders: system,
    source: {
      kind: 'pinned',
      version: '1.22.3',
      sha256: {
        amd64: '0942ef6ed43522adfb4cddbefea2f0e64306318afb8aeab3727563f0caef04be',
        arm64: 'ee6f8bee5290c98ad64be28e5a8865a1a299f62b4edd19e8428e3cde9ad58ffa',
      },
      bytes: 133_000_000,
      buildMinutes: 3.5,
    },
  },
  {
    name: 'nomad',
    wanted: { atLeast: '1.11', below: 2 },
    versionArgs: ['version'],
    folders: system,
    source: {
      kind: 'pinned',
      version: '1.11.3',
      sha256: {
        amd64: '19dac5642a2ba5305e6ff8efee06a708d760ebe4d1cd7936bc3dc526f477dc12',
        arm64: '902e44260fcd9297af7042fb33ccd5a29cc2202b57199724f17c96fcd67414d2',
      },
      bytes: 107_000_000,
      buildMinutes: 3.5,
    },
  },
  {
    name: 'consul-template',
    wanted: { atLeast: '0.41', below: 1 },
    versionArgs: ['-version'],
    folders: system,
    source: {
      kind: 'pinned',
      version: '0.41.3',
      sha256: {
        amd64: 'f708323c5a9eeedf1e125662fa1dd3c54f8cadd0758ef2a9a27c7a22e181e93c',
        arm64: '6874bc5aad32e0ef0f0f66a770bca9a28d0c060080dd1a63f9d1e0e0e6526112',
      },
      bytes: 11_000_000,
      buildMinutes: 1,
    },
  },
  {
    name: 'redis-server',
    wanted: { atLeast: '7.0' },
    versionArgs: ['--version'],
    folders: system,
    source: { kind: 'packaged', packages: ['redis-server'], optional: [] },
  },
  {
    name: 'rabbitmq-server',
    wanted: { atLeast: '3.10' },
    // Asking it starts an Erlang machine, which takes seconds.
    versionArgs: null,
    folders: ['/usr/lib/rabbitmq/bin', '/opt/rabbitmq/sbin', ...system],
    source: { kind: 'packaged', packages: ['rabbitmq-server'], optional: [] },
  },
  {
    name: 'nginx',
    // Older ones close idle connections of clients at every reload, and can lose a request that is on its way.
    wanted: { atLeast: '1.27.4' },
    versionArgs: ['-v'],
    folders: system,
    source: {
      kind: 'compiled',
      version: '1.28.3',
      packages: [
        'gcc',
        'libc6-dev',
        'make',
        'binutils',
        'libpcre2-dev',
        'zlib1g-dev',
        'libssl-dev',
        'libbrotli-dev',
      ],
      buildMinutes: 0.5,
      standIn: {
        wanted: { atLeast: '1.22' },
        packages: ['nginx'],
        optional: ['libnginx-mod-http-brotli-filter'],
        costs:
          'every request of a client takes a new connection, as this nginx cannot keep them over a reload',
      },
    },
  },
];
