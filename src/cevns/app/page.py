"""The page of the explorer: a marimo application, whose cells are what changes together."""

import marimo

app = marimo.App(width="medium", app_title="cevns explorer")


@app.cell
def _():
    import marimo as mo
    import numpy as np

    from cevns.app.charts import chi2_chart, columns, experiment_charts
    from cevns.app.exploration import Exploration, explorable, read_number
    from cevns.errors import CevnsError
    from cevns.experiments import experiment_names

    return (
        CevnsError,
        Exploration,
        chi2_chart,
        columns,
        experiment_charts,
        experiment_names,
        explorable,
        mo,
        np,
        read_number,
    )


@app.cell
def _(experiment_names, explorable, mo, np):
    model = mo.ui.dropdown(list(explorable()), value="b-l", label="model", searchable=True)
    experiments = mo.ui.multiselect(
        experiment_names(), value=["coherent-csi-2021", "coherent-lar-2020"], label="experiments"
    )
    masses, couplings = np.geomspace(1e-2, 1e4, 121).tolist(), np.geomspace(1e-7, 1.0, 281).tolist()
    mass_slider = mo.ui.slider(steps=masses, value=masses[60], label="mass [MeV]", full_width=True)
    mass_text = mo.ui.text(placeholder="exact mass [MeV]", full_width=True)
    coupling_slider = mo.ui.slider(steps=couplings, value=couplings[100], label="coupling", full_width=True)
    coupling_text = mo.ui.text(placeholder="exact coupling", full_width=True)
    mo.vstack(
        [
            mo.md("# What do the data say about a coupling?"),
            mo.hstack([model, experiments], justify="start", gap=2, wrap=True),
            mo.hstack([mass_slider, mass_text], widths=[2, 1], gap=2),
            mo.hstack([coupling_slider, coupling_text], widths=[2, 1], gap=2),
        ]
    )
    return coupling_slider, coupling_text, experiments, mass_slider, mass_text, model


@app.cell
def _(CevnsError, Exploration, experiments, mass_slider, mass_text, mo, model, read_number):
    here, refused = None, None
    try:
        mass = read_number(mass_text.value, "mass") if mass_text.value.strip() else mass_slider.value
        here = Exploration.of(model.value or "", experiments.value, mass)
        curve = here.curve
    except CevnsError as error:
        refused = str(error)
    mo.stop(refused is not None, mo.callout(refused, kind="danger"))
    return curve, here


@app.cell
def _(CevnsError, chi2_chart, columns, coupling_slider, coupling_text, curve, here, mo, read_number):
    wrong = None
    try:
        coupling = (
            read_number(coupling_text.value, "coupling") if coupling_text.value.strip() else coupling_slider.value
        )
        delta_chi2 = here.delta_chi2(coupling)
    except CevnsError as error:
        wrong = str(error)
    mo.stop(wrong is not None, mo.callout(wrong, kind="danger"))
    limit = here.limit
    fixed = "".join(f", {name} = {value:g} MeV" for name, value in here.fixed.items())
    readout = (
        f"<b>{limit.parameter} &lt; {limit.upper_limit:.4g}</b> at {limit.cl:.0%} CL, {limit.dof} dof{fixed}",
        f"Δχ² = {delta_chi2:.4g} at {limit.parameter} = {coupling:.4g}",
        "<small>The red line is where the coupling is; the dashed line is the level of the limit, at the dot.</small>",
    )
    lines = [f'<p style="font-size:1.25em;margin:0 0 12px">{line}</p>' for line in readout]
    mo.Html(columns(lines, [chi2_chart(limit, curve, coupling)]))
    return (coupling,)


@app.cell
def _(coupling, experiment_charts, here, mo):
    mo.Html(experiment_charts(here.views(coupling), here.predictions))


@app.cell
def _(coupling, here, mo):
    mo.hstack(
        [
            mo.download(lambda: here.card().encode(), filename="card.yaml", label="run card"),
            mo.download(lambda: here.csv(coupling).encode(), filename="bins.csv", label="CSV"),
            *(
                mo.download(
                    lambda name=one.name: here.figure(name, coupling),
                    filename=f"{one.name}.pdf",
                    label=f"figure {one.name}",
                )
                for one in here.experiments
            ),
        ],
        justify="start",
    )


if __name__ == "__main__":
    app.run()
