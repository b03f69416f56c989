/** How the id of a sweep is written: its name and the first digits of its spec's digest. */
export const SWEEP_ID = /^[a-z0-9-]{1,40}-[0-9a-f]{8}$/;

/** Every limit there is, in one place. Sizes in bytes, times in milliseconds, unless the name says otherwise. */
export const LIMITS = {
  // Specs
  specBytesMax: 64 * 1024,
  titleMax: 120,
  descriptionMax: 4000,
  modulusMin: 3,
  modulusMax: 257,
  widthMax: 4096,
  layersMax: 16,
  headsMax: 64,
  rowsMax: 100_000,
  stepsMax: 1_000_000,
  axesMax: 12,
  axisValuesMax: 10_000,
  /** Combinations checked one by one within a section of the spec. */
  combinationsMax: 2_000,
  /** Phases gone through for them, in all programmes that are followed: a repetition is gone through twice at most. */
  phasesCheckedMax: 50_000,
  runsMax: 1_000_000,
  /** Phases of a programme, repetitions written out. */
  phasesMax: 64,
  programmesMax: 40,
  /** Runs of a sweep in which some take something from others, and how many may each need the one before. */
  runsWithParentsMax: 100_000,
  generationsMax: 32,
  measuresMax: 16,
  /** Measurements of a run, and numbers in each. */
  measuredPointsMax: 200,
  measuredColumnsMax: 128,
  /** A result: losses, accuracies and measurements of one run. */
  curveBytesMax: 128 * 1024,
  datasetBytesMax: 64 * 1024 ** 2,
  flopsPerRunMax: 1e15,
  /** A step is not interrupted: it must end before a visitor loses patience. */
  flopsPerStepMax: 1e11,
  /** Nor is a measurement, and the host is slower. */
  flopsPerMeasurementMax: 2e10,
  /** Nor is pruning by scores, all its rounds. */
  flopsPerPruningMax: 2e10,
  bytesPerRunMax: 1024 ** 3,
  /** The smaller side of a matrix whose singular values are penalised: they are found anew in every step. */
  spectralSideMax: 256,
  flopsPerSweepMax: 1e19,

  // Work
  runsPerUnitMax: 64,
  /** Different volunteers that may give up on a unit before it fails. */
  attemptsPerUnitMax: 8,
  /** Faults after which a volunteer is not offered the unit again. */
  faultsPerAttemptMax: 3,
  leaseMs: 90_000,
  heartbeatMs: 20_000,
  /** A unit is about so much work for the device that gets it. */
  unitTargetMs: 120_000,
  resultsPerExchangeMax: 64,
  openUnitsPerSweepMax: 10_000,
  /** What is believed of a device that has delivered nothing yet, whatever it claims: floating-point operations per second. */
  unprovenFlopsPerSecond: 2e10,
  /** A device is believed at most so many times the speed it was seen to have. */
  claimOverObservedMax: 2,
  /** A lease whose heartbeats show no progress for so long is not prolonged. */
  stallMs: 600_000,
  /** A run is handed over at most so often. */
  segmentsPerRunMax: 400,
  /** A run that had to begin anew more often fails with its unit. */
  rewindsPerRunMax: 3,
  /** Different volunteers that must find a checkpoint at odds with its curve before the run begins anew. */
  disputesMax: 2,
  /** Live leases of one volunteer on one stripe, over all devices. */
  leasesPerVolunteerMax: 64,
  /** A lease is prolonged no longer than this after the last result it brought. */
  leaseLatestMs: 12 * 3600_000,
  stripesMax: 64,
  /** Exchanges a dispatcher lets wait for a commit before it answers that it is busy. */
  exchangesWaitingMax: 2000,

  // Requests
  exchangeBytesMax: 512 * 1024,
  heartbeatBytesMax: 256 * 1024,
  /** Points of one run's curve in a heartbeat. */
  pointsPerHeartbeatMax: 64,
  /** The state of one run between two segments. Runs whose state is larger are not handed over. */
  runStateBytesMax: 64 * 1024 ** 2,
  nameMax: 40,
  runsPerPageMax: 1000,
  /** A page that shows curves holds fewer runs. */
  curvesPerPageMax: 200,
  /** A sweep with more cells shows only those of the runs on the page. */
  cellsPerPageMax: 1000,
  sweepsListedMax: 200,
  boardRowsMax: 50,
  contributorsListedMax: 100,

  // People
  teamMembersMax: 500,
  /** How long a code that carries an identity to another device is good for, and how many there are at once. */
  moveMs: 600_000,
  movesOpenMax: 5,
  /** Results that were not taken, kept for each volunteer, and for how long. */
  refusalsKeptMax: 100,
  refusalsKeptMs: 90 * 24 * 3600_000,
  refusalTextMax: 500,
  /** Sweeps on a volunteer's own page. */
  sweepsOfMineMax: 1000,
  /** Answers of dispatchers that go into one export: a page of a sweep's runs takes one of each of its stripes. */
  exportAsksMax: 100,

  /** Bodies that are neither a spec nor an exchange. */
  smallBodyBytesMax: 4 * 1024,
} as const;
