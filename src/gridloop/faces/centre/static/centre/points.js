// Points by the hundred thousand in one drawing call: what was reported, runs and has ended at one minute of a span.

/** @typedef {import("./words.js").MapLibre} MapLibre */

const VERTEX = `#version 300 es
uniform mat4 u_matrix;
uniform float u_now, u_fresh, u_size;
in vec2 a_place;
in vec2 a_minutes;
out vec4 v_colour;
void main() {
  bool is_there = a_minutes.x <= u_now;
  bool is_over = a_minutes.y <= u_now;
  bool is_fresh = u_now - a_minutes.x < u_fresh;
  gl_Position = is_there ? u_matrix * vec4(a_place, 0.0, 1.0) : vec4(2.0, 2.0, 2.0, 1.0);
  gl_PointSize = u_size * (is_fresh ? 1.7 : is_over ? 0.7 : 1.0);
  v_colour = is_fresh ? vec4(0.88, 0.54, 0.12, 0.95) : is_over ? vec4(0.45, 0.52, 0.62, 0.45) : vec4(0.24, 0.46, 0.81, 0.85);
}`;
const FRAGMENT = `#version 300 es
precision mediump float;
in vec4 v_colour;
out vec4 colour;
void main() {
  float edge = length(gl_PointCoord - 0.5);
  if (edge > 0.5) discard;
  colour = vec4(v_colour.rgb * v_colour.a, v_colour.a);
}`;

/** The layer; `data` is set before it is added to the map and may be set anew. */
export class PointLayer {
  constructor() {
    this.id = "played";
    this.type = /** @type {const} */ ("custom");
    this.now = 0;
    this.fresh = 1;
    this.size = 6;
    this.count = 0;
    this.origin = [0, 0];
    /** @type {Float32Array<ArrayBuffer>} */
    this.places = new Float32Array();
    /** @type {Float32Array<ArrayBuffer>} */
    this.minutes = new Float32Array();
    this.isNew = false;
    /** @type {MapLibre | null} */
    this.map = null;
  }

  /** @param {import("./play-data.js").Played | null} played */
  setData(played) {
    this.count = played?.count ?? 0;
    this.origin = played?.origin ?? [0, 0];
    this.places = played?.places ?? new Float32Array();
    this.minutes = played?.minutes ?? new Float32Array();
    this.isNew = true;
    this.map?.triggerRepaint();
  }

  /** @param {number} minute */
  setNow(minute) {
    this.now = minute;
    this.map?.triggerRepaint();
  }

  /**
   * @param {MapLibre} map
   * @param {WebGL2RenderingContext} gl
   */
  onAdd(map, gl) {
    this.map = map;
    const program = link(gl);
    this.program = program;
    this.buffers = [gl.createBuffer(), gl.createBuffer()];
    this.array = gl.createVertexArray();
    this.at = { place: gl.getAttribLocation(program, "a_place"), minutes: gl.getAttribLocation(program, "a_minutes") };
    this.uniforms = Object.fromEntries(["u_matrix", "u_now", "u_fresh", "u_size"].map((name) => [name, gl.getUniformLocation(program, name)]));
    this.isNew = true;
  }

  /**
   * @param {MapLibre} _map
   * @param {WebGL2RenderingContext} gl
   */
  onRemove(_map, gl) {
    this.buffers?.forEach((buffer) => gl.deleteBuffer(buffer));
    gl.deleteVertexArray(this.array ?? null);
    gl.deleteProgram(this.program ?? null);
    this.map = null;
  }

  /** @param {WebGL2RenderingContext} gl */
  upload(gl) {
    const { buffers, at } = this;
    if (!buffers || !at) return;
    [[at.place, this.places], [at.minutes, this.minutes]].forEach(([place, values], n) => {
      gl.bindBuffer(gl.ARRAY_BUFFER, buffers[n]);
      gl.bufferData(gl.ARRAY_BUFFER, /** @type {Float32Array<ArrayBuffer>} */ (values), gl.STATIC_DRAW);
      gl.enableVertexAttribArray(/** @type {number} */ (place));
      gl.vertexAttribPointer(/** @type {number} */ (place), 2, gl.FLOAT, false, 0, 0);
    });
    this.isNew = false;
  }

  /**
   * @param {WebGL2RenderingContext} gl
   * @param {any} args
   */
  render(gl, args) {
    if (!this.program || !this.uniforms || !this.count) return;
    gl.useProgram(this.program);
    gl.bindVertexArray(this.array ?? null);
    if (this.isNew) this.upload(gl);
    gl.uniformMatrix4fv(this.uniforms.u_matrix, false, moved(args.defaultProjectionData.mainMatrix, this.origin));
    gl.uniform1f(this.uniforms.u_now, this.now);
    gl.uniform1f(this.uniforms.u_fresh, this.fresh);
    gl.uniform1f(this.uniforms.u_size, this.size);
    gl.drawArrays(gl.POINTS, 0, this.count);
    gl.bindVertexArray(null);
  }
}

/**
 * The matrix with the origin moved to the middle of the points, worked out in doubles: a float would be metres off.
 * @param {ArrayLike<number>} m
 * @param {number[]} origin
 */
function moved(m, [x, y]) {
  const out = Float64Array.from(m);
  for (let row = 0; row < 4; row++) out[12 + row] += m[row] * x + m[4 + row] * y;
  return new Float32Array(out);
}

/** @param {WebGL2RenderingContext} gl */
function link(gl) {
  const program = gl.createProgram();
  for (const [kind, text] of /** @type {[number, string][]} */ ([[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]])) {
    const shader = /** @type {WebGLShader} */ (gl.createShader(kind));
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program) ?? "link");
  return program;
}
