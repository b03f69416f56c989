// Counts what goes to the graphics card, whoever sends it, and can empty it: dispatches of no workgroups cost the
// host what they always do and the card nothing, so that what time remains is the host's.

export const counters = { dispatches: 0, submissions: 0, isEmpty: false };

if ('GPUQueue' in globalThis) {
  const { dispatchWorkgroups } = GPUComputePassEncoder.prototype;
  GPUComputePassEncoder.prototype.dispatchWorkgroups = function (...args) {
    counters.dispatches++;
    return counters.isEmpty ? dispatchWorkgroups.call(this, 0) : dispatchWorkgroups.apply(this, args);
  };
  const { submit } = GPUQueue.prototype;
  GPUQueue.prototype.submit = function (...args) {
    counters.submissions++;
    return submit.apply(this, args);
  };
}
