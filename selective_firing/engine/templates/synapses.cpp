{# Synapses from all to all without delay: synapse (pre, post) has number pre * n_post + post, so the events of this step
   lead straight to their rows or columns. Brian2's own template copies every synapse's number through a spike queue and
   looks its two ends up, which also hides from the compiler that the loop is one of vectors. #}
{% extends 'common_synapses.cpp' %}

{% block maincode %}
    {# USES_VARIABLES { _synaptic_pre, _synaptic_post } #}
    {% set events = get_array_name(pathway.source.variables['_' ~ pathway.event ~ 'space'])[4:] %}
    {% set n_post = pathway.synapses.target|length %}
    const size_t _vectorisation_idx = -1;
    {{scalar_code|autoindent}}
    struct _Only { int32_t index; int32_t operator[](size_t) const { return index; } };
    const int32_t _num_events = {{events}}[{{pathway.source|length}}];
    {% if pathway.prepost == 'pre' %}
    for(int32_t _event = 0; _event < _num_events; _event++)
    {
        const int32_t _pre = {{events}}[_event];
        for(int32_t _post = 0; _post < {{n_post}}; _post++)
    {% else %}
    if(_num_events > 0) for(int32_t _pre = 0; _pre < {{pathway.synapses.source|length}}; _pre++)
    {
        for(int32_t _event = 0; _event < _num_events; _event++)
    {% endif %}
        {
            {% if pathway.prepost != 'pre' %}
            const int32_t _post = {{events}}[_event];
            {% endif %}
            const size_t _idx = (size_t)_pre * {{n_post}} + _post;
            const _Only {{get_array_name(variables['_synaptic_pre'])}} = {_pre};
            const _Only {{get_array_name(variables['_synaptic_post'])}} = {_post};
            {{vector_code|autoindent}}
        }
    }
{% endblock %}
